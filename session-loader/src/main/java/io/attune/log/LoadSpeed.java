package io.attune.log;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * The speed of loading a log, compared with merely reading the same bytes.
 *
 * @param clicks the number of clicks loaded
 * @param bytes the size of the logs, decompressed
 * @param seconds the time to load them: parsing, vocabulary, sessions
 * @param bareSeconds the time to read and decompress them and count their lines
 */
public record LoadSpeed(long clicks, long bytes, double seconds, double bareSeconds) {
  /**
   * Reads the bytes and then loads the logs, so that both find the files in the cache.
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

  /** The number of clicks loaded per second. */
  public double clicksPerSecond() {
    return clicks / seconds;
  }

  /** Reads a file and counts its lines; returns its size, decompressed. */
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
