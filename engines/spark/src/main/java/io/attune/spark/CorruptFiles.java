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
 * Finds corrupt files by reading all files completely. Spark alone would either fail, or silently
 * use the rows before the corruption; here a file is used completely or not at all.
 */
final class CorruptFiles {
  private static final String LENIENT = "ignoreCorruptFiles";

  private CorruptFiles() {}

  /** What to do with corrupt files. */
  enum Policy {
    /** The first is an error. */
    FAIL,
    /** They are skipped and counted, for which all files are read twice. */
    SKIP
  }

  /**
   * Files by whether they can be read.
   *
   * @param good the addresses of files that can be read
   * @param corrupt the addresses of others
   */
  record Divided(List<String> good, List<String> corrupt) {}

  /** All files of the paths, as Spark lists them, without opening any. */
  static String[] list(SparkSession spark, List<String> paths) {
    return spark
        .read()
        .schema("any string")
        .parquet(paths.toArray(String[]::new))
        .inputFiles();
  }

  /** A table of the readable rows of these files. */
  static Dataset<Row> lenient(SparkSession spark, List<String> paths) {
    return spark.read().option(LENIENT, true).parquet(paths.toArray(String[]::new));
  }

  /** A table of these files that fails if one is corrupt. */
  static Dataset<Row> strict(SparkSession spark, List<String> paths) {
    return spark.read().option(LENIENT, false).parquet(paths.toArray(String[]::new));
  }

  /** The same for files in a folder whose subfolders may be partitions. */
  static Dataset<Row> strict(SparkSession spark, List<String> paths, String folder) {
    return spark
        .read()
        .option(LENIENT, false)
        .option("basePath", folder)
        .parquet(paths.toArray(String[]::new));
  }

  /**
   * Reads all files to find those that are corrupt.
   *
   * @param lenient the table of all files
   * @param columns the columns to read
   */
  static Divided divide(
      SparkSession spark, String[] files, Dataset<Row> lenient, Column[] columns) {
    Column file = functions.col("_metadata.file_path").as("file");
    Map<String, Long> expected = rows(lenient.select(file).groupBy("file").count());
    // Hashing the values makes Spark read them all.
    Map<String, Long> read = rows(lenient
        .select(file, functions.xxhash64(columns).as("hash"))
        .groupBy("file")
        .agg(functions.count("hash"), functions.bit_xor(functions.col("hash"))));
    Configuration hadoop = spark.sparkContext().hadoopConfiguration();
    List<String> good = new ArrayList<>();
    List<String> corrupt = new ArrayList<>();
    for (String address : files) {
      Long rows = expected.get(ParseRows.shown(address));
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

  /** Whether a file that is in no group has no rows. */
  private static boolean isEmpty(String address, Configuration hadoop) {
    try (ParquetFileReader reader =
        ParquetFileReader.open(HadoopInputFile.fromPath(new Path(address), hadoop))) {
      return reader.getRecordCount() == 0;
    } catch (IOException | RuntimeException e) {
      return false;
    }
  }
}
