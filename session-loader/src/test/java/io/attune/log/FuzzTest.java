package io.attune.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.attune.log.ClickLog.Loaded;
import io.attune.log.LogOptions.BadLines;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.io.TempDir;

/**
 * Any bytes give either sessions or an exception that names the file, and never another exception.
 */
class FuzzTest {
  private static final String MARKS = "\n\r\t\"',;:|{}[]0-.e \0";

  @TempDir
  private Path folder;

  private void check(byte[] bytes, @Nullable LogFormat format) throws IOException {
    Path file = folder.resolve("fuzz.log");
    Files.write(file, bytes);
    for (BadLines badLines : BadLines.values()) {
      try {
        Loaded loaded = ClickLog.load(
            List.of(file),
            LogOptions.builder().format(format).badLines(badLines).build());
        assertThat(loaded.sessions().clicks()).isPositive();
        assertThat(loaded.report().warnings()).doesNotContainNull();
      } catch (LogFormatException e) {
        assertThat(e.getMessage()).startsWith(file.toString());
      }
    }
  }

  // The number of a repetition, which a failure reports, is its seed.

  @RepeatedTest(150)
  void randomBytesAreRefusedOrRead(RepetitionInfo repetition) throws IOException {
    Random random = new Random(repetition.getCurrentRepetition());
    byte[] bytes = new byte[random.nextInt(301)];
    random.nextBytes(bytes);
    LogFormat[] formats = LogFormat.values();
    check(bytes, null);
    check(bytes, formats[random.nextInt(formats.length)]);
  }

  @RepeatedTest(250)
  void mutatedLogsAreRefusedOrRead(RepetitionInfo repetition) throws IOException {
    Random random = new Random(repetition.getCurrentRepetition());
    List<String> texts = Written.texts();
    byte[] valid = Written.bytes(texts.get(random.nextInt(texts.size())));
    byte[] mutated = mutate(valid, random);
    check(mutated, null);
    check(Written.gzip(mutated), null);
    check(mutate(Written.zstd(valid), random), null);
    check(mutate(Written.gzip(valid), random), null);
  }

  @RepeatedTest(250)
  void mutatedParquetIsRefusedOrRead(RepetitionInfo repetition) throws IOException {
    Random random = new Random(repetition.getCurrentRepetition());
    List<String> names = List.of(
        "none",
        "snappy",
        "gzip",
        "zstd",
        "brotli",
        "v2",
        "int96",
        "null",
        "ids/string_lz4",
        "ids/lists",
        "ids/nested_struct",
        "ids/decimal38");
    byte[] valid = Written.resource(names.get(random.nextInt(names.size())) + ".parquet");
    check(mutate(valid, random), LogFormat.PARQUET);
  }

  /** Flips, overwrites, removes or repeats a few bytes, or truncates them. */
  private static byte[] mutate(byte[] valid, Random random) {
    byte[] bytes = valid.clone();
    int times = 1 + random.nextInt(4);
    for (int i = 0; i < times && bytes.length > 1; i++) {
      int at = random.nextInt(bytes.length);
      switch (random.nextInt(6)) {
        case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> bytes[at] = (byte) random.nextInt(256);
        case 2 -> bytes[at] = (byte) MARKS.charAt(random.nextInt(MARKS.length()));
        case 3 -> bytes = Arrays.copyOf(bytes, at);
        case 4 -> {
          byte[] shorter = Arrays.copyOf(bytes, bytes.length - 1);
          System.arraycopy(bytes, at + 1, shorter, at, bytes.length - at - 1);
          bytes = shorter;
        }
        default -> {
          byte[] longer = Arrays.copyOf(bytes, bytes.length * 2 - at);
          System.arraycopy(bytes, at, longer, bytes.length, bytes.length - at);
          bytes = longer;
        }
      }
    }
    return bytes;
  }
}
