package io.attune.log;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * How fast a log was loaded, beside a bare pass over the same bytes.
 *
 * @param clicks the clicks loaded
 * @param bytes the bytes of the logs, decompressed
 * @param seconds the time to load: parsing, vocabulary, sessions
 * @param bareSeconds the time to read and decompress the same bytes and count their lines
 */
public record LoadSpeed(long clicks, long bytes, double seconds, double bareSeconds) {
  /**
   * Makes the bare pass, then loads; so the files come from the same cache for both.
   *
   * @param nanoTime a clock in nanoseconds, such as {@code System::nanoTime}
   */
  public static LoadSpeed measure(List<Path> paths, LogOptions options, LongSupplier nanoTime)
      throws LogFormatException {
    long start = nanoTime.getAsLong();
    long bytes = 0;
    for (Path path : LogFolder.files(paths)) {
      bytes += bare(path);
    }
    long middle = nanoTime.getAsLong();
    long clicks = ClickLog.load(paths, options).sessions().clicks();
    long end = nanoTime.getAsLong();
    return new LoadSpeed(clicks, bytes, (end - middle) / 1e9, (middle - start) / 1e9);
  }

  /** Clicks loaded in a second. */
  public double clicksPerSecond() {
    return clicks / seconds;
  }

  /** Reads all bytes and counts line feeds; returns the number of bytes. */
  static long bare(Path path) throws LogFormatException {
    long bytes = 0;
    long lines = 0;
    try (LogFile file = LogFile.open(path, count -> {});
        InputStream in = file.stream()) {
      byte[] buffer = new byte[1 << 16];
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        for (int i = 0; i < read; i++) {
          lines += buffer[i] == '\n' ? 1 : 0;
        }
        bytes += read;
      }
    } catch (IOException e) {
      throw LogFile.explain(path, lines, e);
    }
    return bytes;
  }
}
