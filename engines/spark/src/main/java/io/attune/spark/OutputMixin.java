package io.attune.spark;

import java.io.IOException;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Option;

/** The output folder of a command. Spark moves the files there once all are complete. */
final class OutputMixin {
  @Option(
      names = "--out",
      paramLabel = "PATH",
      required = true,
      description = "The folder for the Parquet files, which must be new or empty.")
  private String out = "";

  @Option(names = "--overwrite", description = "Replace the contents of the folder.")
  private boolean overwrite;

  String path() {
    return out;
  }

  /** Fails if the folder is not empty, before anything is computed. */
  void check(SparkSession spark) throws IOException {
    Path path = new Path(out);
    FileSystem files = path.getFileSystem(spark.sparkContext().hadoopConfiguration());
    if (!overwrite
        && files.exists(path)
        && (files.getFileStatus(path).isFile() || files.listStatus(path).length > 0)) {
      throw new OutputExistsException(
          out + ": exists and is not empty; choose another folder, or replace it with --overwrite");
    }
  }

  void write(Dataset<Row> rows) {
    rows.write().mode(overwrite ? SaveMode.Overwrite : SaveMode.Append).parquet(out);
  }

  /** Thrown if the output folder is not empty. */
  static final class OutputExistsException extends IOException {
    private static final long serialVersionUID = 1;

    OutputExistsException(String message) {
      super(message);
    }
  }
}
