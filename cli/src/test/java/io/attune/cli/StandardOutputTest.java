package io.attune.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class StandardOutputTest {
  private final StringWriter err = new StringWriter();

  @Test
  void whatCouldBePrintedChangesNoExitCode() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    assertThat(exitCode(bytes, 0)).isZero();
    assertThat(exitCode(bytes, 2)).isEqualTo(2);
    assertThat(bytes.toString(StandardCharsets.UTF_8)).isEqualTo("result\nresult\n");
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void aFullDiskIsAFailure() {
    assertThat(exitCode(failing("No space left on device"), 0)).isEqualTo(1);
    assertThat(err.toString())
        .isEqualToNormalizingNewlines(
            "attune: the results could not be printed: No space left on device\n");
  }

  @Test
  void aReaderThatHasSeenEnoughIsNoFailure() {
    assertThat(exitCode(failing("Broken pipe"), 0)).isZero();
    assertThat(exitCode(failing("Broken pipe"), 1)).isEqualTo(1);
    assertThat(err.toString()).isEmpty();
  }

  private int exitCode(OutputStream to, int code) {
    StandardOutput output = new StandardOutput(to);
    PrintWriter out = new PrintWriter(output, true, StandardCharsets.UTF_8);
    out.print("result\n");
    out.flush();
    return output.exitCode(code, new PrintWriter(err, true));
  }

  private static OutputStream failing(String message) {
    return new OutputStream() {
      @Override
      public void write(int b) throws IOException {
        throw new IOException(message);
      }
    };
  }
}
