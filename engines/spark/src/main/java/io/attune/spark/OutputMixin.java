package io.attune.spark;

import java.io.IOException;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Option;

/** The folder of Parquet files that a command writes. Spark moves them there when all are made. */
final class OutputMixin {
  @Option(
      names = "--out",
      paramLabel = "PATH",
      required = true,
      description = "The folder to write Parquet files into: a new or an empty one.")
  private String out = "";

  @Option(names = "--overwrite", description = "Replace what is in the folder.")
  private boolean overwrite;

  String path() {
    return out;
  }

  /** Refuses a folder with something in it, before anything is computed. */
  void check(SparkSession spark) throws IOException {
    Path path = new Path(out);
    FileSystem files = path.getFileSystem(spark.sparkContext().hadoopConfiguration());
    if (!overwrite
        && files.exists(path)
        && (files.getFileStatus(path).isFile() || files.listStatus(path).length > 0)) {
      throw new OutputExistsException(
          out + ": exists and is not empty; name another folder, or replace it by --overwrite");
    }
  }

  void write(Dataset<Row> rows) {
    rows.write().mode(overwrite ? SaveMode.Overwrite : SaveMode.Append).parquet(out);
  }

  /** There is something in the output's place. */
  static final class OutputExistsException extends IOException {
    private static final long serialVersionUID = 1;

    OutputExistsException(String message) {
      super(message);
    }
  }
}
