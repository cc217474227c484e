package io.attune.opensearch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The shell's part of the examples. */
class ExampleStepsTest {

  private static Process shell(String script) throws IOException {
    return new ProcessBuilder("sh", "-eu", "-c", ". ../steps.sh\n" + script)
        .redirectErrorStream(true)
        .start();
  }

  @Test
  void aSignalEndsTheStepAndAllThatItStarted() throws Exception {
    // A step that starts two others, and says so when they are there.
    Process shell = shell("step sh -c 'sleep 600 & sleep 600 & echo started; wait'; echo over");
    try (BufferedReader output = shell.inputReader()) {
      assertThat(output.readLine()).isEqualTo("started");
      List<ProcessHandle> all = shell.descendants().toList();
      assertThat(all).hasSize(3);
      shell.toHandle().destroy(); // TERM; that of the process itself would close its output
      CompletableFuture<?>[] ends =
          all.stream().map(ProcessHandle::onExit).toArray(CompletableFuture[]::new);
      CompletableFuture.allOf(ends).get(1, TimeUnit.MINUTES);
      assertThat(shell.waitFor()).isEqualTo(143);
      assertThat(output.readLine()).isNull();
    }
  }

  @Test
  void aStepThatFailsEndsTheExampleWithItsCode() throws Exception {
    Process shell = shell("say 'a step'; step sh -c 'exit 7'; echo over");
    try (BufferedReader output = shell.inputReader()) {
      assertThat(output.lines()).containsExactly("example: a step");
    }
    assertThat(shell.waitFor()).isEqualTo(7);
  }
}
