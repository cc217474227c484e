package io.attune.spark;

import org.apache.spark.sql.SparkSession;

/** One session of two threads for all tests of a process. */
final class TestSpark {
  private TestSpark() {}

  static SparkSession local() {
    return SparkSession.builder()
        .master("local[2]")
        .config("spark.ui.enabled", false)
        .config("spark.sql.shuffle.partitions", 3)
        // What a user may have set: our own reading must not lose files by it.
        .config("spark.sql.files.ignoreCorruptFiles", true)
        .getOrCreate();
  }
}
