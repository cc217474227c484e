package io.attune.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Where results are printed. A writer that prints swallows what goes wrong; this keeps it, so that
 * results which reach nobody are not taken for a success.
 */
final class StandardOutput extends OutputStream {
  private final OutputStream out;
  private @Nullable IOException failure;

  StandardOutput(OutputStream out) {
    this.out = out;
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int from, int length) throws IOException {
    if (failure != null) {
      throw failure;
    }
    try {
      out.write(bytes, from, length);
    } catch (IOException e) {
      failure = e;
      throw e;
    }
  }

  /**
   * The exit code of a command whose results went here. Who closes a pipe early, as {@code head}
   * does, has seen enough: that is no failure.
   *
   * @param code of the command itself
   */
  int exitCode(int code, PrintWriter err) {
    if (failure == null || isClosedPipe(failure)) {
      return code;
    }
    err.println("attune: the results could not be printed: " + failure.getMessage());
    err.flush();
    return 1;
  }

  private static boolean isClosedPipe(IOException failure) {
    String message = String.valueOf(failure.getMessage()).toLowerCase(Locale.ROOT);
    return message.contains("broken pipe") || message.contains("pipe is being closed");
  }
}
