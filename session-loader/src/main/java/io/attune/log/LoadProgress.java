package io.attune.log;

import java.nio.file.Path;

/** A listener for the progress of loading, called about once per megabyte by the loading thread. */
@FunctionalInterface
public interface LoadProgress {
  /**
   * Reports progress.
   *
   * @param file the file being read
   * @param done the number of bytes read from disk so far, in all files
   * @param total the size of all files in bytes
   */
  void read(Path file, long done, long total);
}
