package io.attune.spark;

import io.attune.session.SingleSession;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.Encoder;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Converts sessions from and to rows: {@code session_id} (string), {@code items} (array of strings,
 * oldest first) and {@code times} (array of milliseconds, or null).
 */
final class SessionTable {
  static final StructType SCHEMA = new StructType()
      .add("session_id", DataTypes.StringType, false)
      .add("items", DataTypes.createArrayType(DataTypes.StringType, false), false)
      .add("times", DataTypes.createArrayType(DataTypes.LongType, false), true);

  private SessionTable() {}

  static Encoder<Row> encoder() {
    return Encoders.row(SCHEMA);
  }

  static Row row(SingleSession session) {
    long[] times = session.times();
    // Spark passes rows between the steps of a task unchanged, so they need Scala collections.
    return RowFactory.create(
        session.id(),
        CollectionConverters.asScala(Arrays.asList(session.items())),
        times.length == 0
            ? null
            : CollectionConverters.asScala(Arrays.stream(times).boxed().toList()));
  }

  static SingleSession session(Row row) {
    List<String> items = row.getList(1);
    long[] times = row.isNullAt(2)
        ? new long[0]
        : row.<Long>getList(2).stream().mapToLong(Long::longValue).toArray();
    return new SingleSession(row.getString(0), items.toArray(String[]::new), times);
  }
}
