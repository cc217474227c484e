package io.attune.spark;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Processes, one at a time, that end with all that they started when a signal ends this one. */
final class Children {
  private @Nullable Process running;
  private boolean ended;

  Children() {
    Runtime.getRuntime().addShutdownHook(new Thread(this::end, "ends what was started"));
  }

  /**
   * Runs one to its end.
   *
   * @return its exit code
   */
  int run(ProcessBuilder builder) throws IOException, InterruptedException {
    return start(builder).waitFor();
  }

  private synchronized Process start(ProcessBuilder builder) throws IOException {
    if (ended) {
      throw new IOException("ended by a signal");
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
