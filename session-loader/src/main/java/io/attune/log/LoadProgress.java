package io.attune.log;

import java.nio.file.Path;

/**
 * Is told how far the reading of logs has come; called about once a megabyte, by the thread that
 * reads.
 */
@FunctionalInterface
public interface LoadProgress {
  /**
   * Reading has come this far.
   *
   * @param file the file being read
   * @param done bytes read of all files, as they lie on disk
   * @param total bytes of all files
   */
  void read(Path file, long done, long total);

  /** Tells nobody. */
  static LoadProgress none() {
    return (file, done, total) -> {};
  }
}
