package io.attune.spark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Timestamp;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** Parquet logs of random clicks. */
final class Logs {
  private static final long START = 1_700_000_000_000L;

  private Logs() {}

  /** Random clicks, many with the same time, and some on items that no model knows. */
  static Dataset<Row> clicks(SparkSession spark, int clicks, int items) {
    SplittableRandom random = new SplittableRandom(clicks);
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < clicks; i++) {
      rows.add(RowFactory.create(
          "user " + random.nextInt(1 + clicks / 12),
          "i" + random.nextInt(items + items / 20),
          new Timestamp(START + 60_000L * random.nextInt(200)),
          i % 7 == 0 ? "buy" : "view"));
    }
    return spark.createDataFrame(
        rows,
        new StructType()
            .add("user_id", DataTypes.StringType)
            .add("item_id", DataTypes.StringType)
            .add("timestamp", DataTypes.TimestampType)
            .add("event", DataTypes.StringType));
  }

  /** Writes a table to the given number of files. */
  static Path write(Dataset<Row> table, Path directory, int files) {
    table
        .repartition(files, functions.col(table.columns()[1]))
        .write()
        .parquet(directory.toString());
    return directory;
  }

  /** The Parquet files of a folder, in name order. */
  static List<Path> files(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(file -> file.toString().endsWith(".parquet")).sorted().toList();
    }
  }
}
