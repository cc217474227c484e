package io.attune.spark;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Runs child processes one at a time, and ends them if this process is ended by a signal. */
final class Children {
  private @Nullable Process running;
  private boolean ended;

  Children() {
    Runtime.getRuntime().addShutdownHook(new Thread(this::end, "end child process"));
  }

  /**
   * Runs a process until it exits.
   *
   * @return the exit code
   */
  int run(ProcessBuilder builder) throws IOException, InterruptedException {
    return start(builder).waitFor();
  }

  private synchronized Process start(ProcessBuilder builder) throws IOException {
    if (ended) {
      throw new IOException("interrupted by a signal");
    }
    Process process = builder.start();
    running = process;
    return process;
  }

  private synchronized void end() {
    ended = true;
    Process process = running;
    if (process != null) {
      process.descendants().forEach(ProcessHandle::destroy);
      process.destroy();
      process.onExit().join();
    }
  }
}
