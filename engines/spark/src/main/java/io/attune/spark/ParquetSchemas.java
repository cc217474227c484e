package io.attune.spark;

import java.io.IOException;
import java.io.Serial;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.Function;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.SerializableConfiguration;
import scala.Tuple2;

/**
 * Groups files by schema. Spark reads all files with the schema of one, and fails if a column has
 * another type in another file, as may happen in logs of different weeks.
 */
final class ParquetSchemas {
  /** The schema of files that cannot be opened; reading them will report why. */
  private static final String UNKNOWN = "";

  private ParquetSchemas() {}

  /**
   * Reads the schemas of all files on the cluster.
   *
   * @return groups of files with the same schema, in order; files that cannot be opened are in the
   *     first group
   */
  static List<List<String>> group(SparkSession spark, String[] files) {
    if (files.length < 2) {
      return List.of(List.of(files));
    }
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    SchemaOf schemaOf =
        new SchemaOf(new SerializableConfiguration(spark.sparkContext().hadoopConfiguration()));
    int parts = Math.min(files.length, 2 * context.defaultParallelism());
    Map<String, List<String>> groups = new TreeMap<>();
    for (Tuple2<String, String> file :
        context.parallelize(Arrays.asList(files), parts).map(schemaOf).collect()) {
      groups.computeIfAbsent(file._2(), schema -> new ArrayList<>()).add(file._1());
    }
    List<String> unknown = groups.remove(UNKNOWN);
    List<List<String>> made = new ArrayList<>(groups.values());
    if (unknown != null) {
      if (made.isEmpty()) {
        return List.of(unknown);
      }
      made.getFirst().addAll(unknown);
    }
    return made;
  }

  /** A file and its schema. */
  private record SchemaOf(SerializableConfiguration hadoop)
      implements Function<String, Tuple2<String, String>> {
    @Serial
    private static final long serialVersionUID = 1;

    @Override
    public Tuple2<String, String> call(String address) {
      try (ParquetFileReader reader =
          ParquetFileReader.open(HadoopInputFile.fromPath(new Path(address), hadoop.value()))) {
        return new Tuple2<>(address, reader.getFileMetaData().getSchema().toString());
      } catch (IOException | RuntimeException e) {
        return new Tuple2<>(address, UNKNOWN);
      }
    }
  }
}
