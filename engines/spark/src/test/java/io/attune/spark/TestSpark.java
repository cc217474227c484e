package io.attune.spark;

import org.apache.spark.sql.SparkSession;

/** A Spark session with two threads, shared by all tests of a process. */
final class TestSpark {
  private TestSpark() {}

  static SparkSession local() {
    return SparkSession.builder()
        .master("local[2]")
        .config("spark.ui.enabled", false)
        .config("spark.sql.shuffle.partitions", 3)
        // A user may have set this, but no file must be lost because of it.
        .config("spark.sql.files.ignoreCorruptFiles", true)
        .getOrCreate();
  }
}
