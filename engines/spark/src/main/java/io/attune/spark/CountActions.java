package io.attune.spark;

import io.attune.log.ActionCounts;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoder;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Counts the actions of a partition, whose rows are actions; the result is small, however many
 * distinct values the column has.
 *
 * @param wanted the actions that count as clicks
 */
record CountActions(Set<String> wanted) implements MapPartitionsFunction<Row, Row> {
  private static final Encoder<Row> COUNTS = Encoders.row(new StructType()
      .add("action", DataTypes.StringType, false)
      .add("count", DataTypes.LongType, false));

  /** Counts the rows of each action, reading no other column. */
  static Map<String, Long> of(Dataset<Row> table, Column action, Set<String> wanted) {
    Map<String, Long> counts = new TreeMap<>();
    for (Row row :
        table.select(action).mapPartitions(new CountActions(wanted), COUNTS).collectAsList()) {
      counts.merge(row.getString(0), row.getLong(1), Long::sum);
    }
    return counts;
  }

  @Override
  public Iterator<Row> call(Iterator<Row> rows) {
    ActionCounts counts = new ActionCounts(wanted);
    while (rows.hasNext()) {
      counts.add(rows.next().get(0));
    }
    return Iterators.map(
        counts.counts().entrySet().iterator(),
        count -> RowFactory.create(count.getKey(), count.getValue()));
  }
}
