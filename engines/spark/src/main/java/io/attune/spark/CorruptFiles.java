package io.attune.spark;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;

/**
 * Finds files that cannot be read to their end, by reading all: Spark alone would fail, or take the
 * rows before the damage without a word. A file is taken whole or not at all.
 */
final class CorruptFiles {
  private static final String LENIENT = "ignoreCorruptFiles";

  private CorruptFiles() {}

  /** What becomes of them. */
  enum Policy {
    /** The first is an error. */
    FAIL,
    /** They are left out and counted; all files are read twice. */
    SKIP
  }

  /**
   * Divides the files.
   *
   * @param good addresses of files that can be read
   * @param corrupt those of others
   */
  record Divided(List<String> good, List<String> corrupt) {}

  /** All files of the paths, as Spark lists them, without a look into any. */
  static String[] list(SparkSession spark, List<String> paths) {
    return spark
        .read()
        .schema("any string")
        .parquet(paths.toArray(String[]::new))
        .inputFiles();
  }

  /** The table of what can be read of these files. */
  static Dataset<Row> lenient(SparkSession spark, List<String> paths) {
    return spark.read().option(LENIENT, true).parquet(paths.toArray(String[]::new));
  }

  /** The table of these files, of which each must be good. */
  static Dataset<Row> strict(SparkSession spark, List<String> paths) {
    return spark.read().option(LENIENT, false).parquet(paths.toArray(String[]::new));
  }

  /** The same of files within a folder, whose folders' names may be values of columns. */
  static Dataset<Row> strict(SparkSession spark, List<String> paths, String folder) {
    return spark
        .read()
        .option(LENIENT, false)
        .option("basePath", folder)
        .parquet(paths.toArray(String[]::new));
  }

  /**
   * Reads all files.
   *
   * @param lenient the table of all
   * @param columns what is to be read of it
   */
  static Divided divide(
      SparkSession spark, String[] files, Dataset<Row> lenient, Column[] columns) {
    Column file = functions.col("_metadata.file_path").as("file");
    Map<String, Long> promised = rows(lenient.select(file).groupBy("file").count());
    // A hash of all values cannot be had without reading them.
    Map<String, Long> read = rows(lenient
        .select(file, functions.xxhash64(columns).as("hash"))
        .groupBy("file")
        .agg(functions.count("hash"), functions.bit_xor(functions.col("hash"))));
    Configuration hadoop = spark.sparkContext().hadoopConfiguration();
    List<String> good = new ArrayList<>();
    List<String> corrupt = new ArrayList<>();
    for (String address : files) {
      Long rows = promised.get(ParseRows.shown(address));
      boolean whole =
          rows == null ? isEmpty(address, hadoop) : rows.equals(read.get(ParseRows.shown(address)));
      (whole ? good : corrupt).add(address);
    }
    return new Divided(good, corrupt);
  }

  private static Map<String, Long> rows(Dataset<Row> counted) {
    Map<String, Long> rows = new HashMap<>();
    for (Row row : counted.collectAsList()) {
      rows.put(ParseRows.shown(row.getString(0)), row.getLong(1));
    }
    return rows;
  }

  /** A file without rows is in no group. */
  private static boolean isEmpty(String address, Configuration hadoop) {
    try (ParquetFileReader reader =
        ParquetFileReader.open(HadoopInputFile.fromPath(new Path(address), hadoop))) {
      return reader.getRecordCount() == 0;
    } catch (IOException | RuntimeException e) {
      return false;
    }
  }
}
