package io.attune.spark;

import io.attune.batch.BatchOptions;
import io.attune.batch.BatchRecommender;
import io.attune.batch.Recommendations;
import io.attune.batch.Recommendations.Origin;
import io.attune.batch.SessionClicks;
import io.attune.saved.SavedModel;
import io.attune.session.Vocabulary;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/** Recommends items for many sessions. */
public final class RecommendJob {
  /** The schema of the result, with the columns of {@code attune recommend}. */
  public static final StructType SCHEMA = new StructType()
      .add("session_id", DataTypes.StringType, false)
      .add("rank", DataTypes.IntegerType, false)
      .add("item_id", DataTypes.StringType, false)
      .add("score", DataTypes.FloatType, false)
      .add("fallback", DataTypes.BooleanType, false);

  private final ModelFiles model;
  private final BatchOptions options;
  private final @Nullable List<String> candidates;
  private final JobCounts counts;

  /**
   * Creates a job for a model.
   *
   * @param candidates the ids of the items that may be recommended; null for all
   */
  public RecommendJob(
      SparkSession spark,
      ModelFiles model,
      BatchOptions options,
      @Nullable List<String> candidates) {
    this.model = model;
    this.options = options;
    this.candidates = candidates == null ? null : List.copyOf(candidates);
    this.counts = JobCounts.in(spark);
  }

  /** The metrics of the job, complete once the result was computed. */
  JobCounts counts() {
    return counts;
  }

  /**
   * Recommends items, lazily.
   *
   * @param sessions from a {@link SessionInput}
   * @return rows of {@link #SCHEMA}: the sessions in order, each with its items from best to worst
   */
  public Dataset<Row> of(Dataset<Row> sessions) {
    return sessions.mapPartitions(
        new Partition(model, new SerializableRecord<>(options), candidates, counts),
        Encoders.row(SCHEMA));
  }

  private record Partition(
      ModelFiles files,
      SerializableRecord<BatchOptions> options,
      @Nullable List<String> candidates,
      JobCounts counts)
      implements MapPartitionsFunction<Row, Row> {
    @Override
    public Iterator<Row> call(Iterator<Row> sessions) {
      if (!sessions.hasNext()) {
        return Collections.emptyIterator();
      }
      JobCounts.Tally tally = counts.tally();
      SavedModel model = ModelCache.model(files, tally);
      BatchRecommender batch = ModelCache.batch(files, options.get(), candidates, tally);
      Iterator<SessionClicks> asked = Iterators.map(
          sessions, row -> SessionClicks.of(model.vocabulary(), SessionTable.session(row)));
      Iterator<SessionClicks> counted = Iterators.map(asked, session -> count(session, tally));
      return new Rows(batch.recommend(counted), model.vocabulary(), tally);
    }

    private static SessionClicks count(SessionClicks session, JobCounts.Tally tally) {
      tally.add(Count.SESSIONS, 1);
      tally.add(Count.CLICKS, session.rows().length);
      tally.add(
          Count.UNKNOWN_CLICKS,
          Arrays.stream(session.rows()).filter(row -> row == Vocabulary.UNKNOWN).count());
      return session;
    }
  }

  /** Makes a row of each recommended item. */
  private static final class Rows implements Iterator<Row> {
    private final Iterator<Recommendations> made;
    private final Vocabulary vocabulary;
    private final JobCounts.Tally tally;
    private @Nullable Recommendations now;
    private int at;

    Rows(Iterator<Recommendations> made, Vocabulary vocabulary, JobCounts.Tally tally) {
      this.made = made;
      this.vocabulary = vocabulary;
      this.tally = tally;
    }

    @Override
    public boolean hasNext() {
      while (now == null || at == now.rows().length) {
        if (!made.hasNext()) {
          if (now != null) {
            tally.done();
          }
          return false;
        }
        now = made.next();
        at = 0;
        int items = now.rows().length;
        tally.add(Count.ITEMS, items);
        tally.add(Count.FALLBACKS, items > 0 && now.origin() == Origin.POPULAR ? 1 : 0);
        tally.add(Count.EMPTY, items == 0 ? 1 : 0);
      }
      return true;
    }

    @Override
    public Row next() {
      Recommendations each = hasNext() ? now : null;
      if (each == null) {
        throw new NoSuchElementException();
      }
      int place = at++;
      return RowFactory.create(
          each.session(),
          place + 1,
          vocabulary.id(each.rows()[place]),
          each.scores()[place],
          each.origin() == Origin.POPULAR);
    }
  }
}
