package io.attune.spark;

import io.attune.evaluation.Predictions;
import io.attune.evaluation.RankCounts;
import io.attune.evaluation.Ranker;
import io.attune.metric.Ties;
import io.attune.saved.SavedModel;
import io.attune.session.Filters;
import io.attune.session.Filters.UnknownItems;
import io.attune.session.Holdout;
import io.attune.session.SessionStream;
import io.attune.session.Sessions;
import io.attune.session.Split;
import io.attune.session.Visits;
import java.time.Instant;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Ranks the true next items of many sessions among all items. Partitions count ranks and the counts
 * are added up, so the result does not depend on the partitioning.
 */
public final class EvaluateJob {
  private static final StructType COUNTS =
      new StructType().add("counts", DataTypes.createArrayType(DataTypes.LongType, false), false);

  private final SparkSession spark;
  private final ModelFiles model;
  private final Protocol protocol;

  /**
   * The protocol of an evaluation.
   *
   * @param holdout which part of the sessions to test; {@link Holdout.None} for all
   * @param depth the largest cutoff K of any metric
   * @param minSessionLength the minimum number of clicks in a session
   * @param unknown what happens to clicks on items that the model does not know
   * @param ties the rank of a target among items with the same score
   * @param excludeClicked whether items that the session has clicked are not ranked
   * @param histories whether sessions are whole histories of users, of which a holdout by time
   *     tests the newest clicks ({@link SessionInput#areHistories})
   */
  public record Protocol(
      Holdout holdout,
      int depth,
      int minSessionLength,
      UnknownItems unknown,
      Ties ties,
      boolean excludeClicked,
      boolean histories) {
    /** Throws an IllegalArgumentException if the depth or the length is less than 1. */
    public Protocol {
      if (depth < 1) {
        throw new IllegalArgumentException("the depth must be 1 or more, not " + depth);
      }
      filters(minSessionLength);
    }

    /** The same for sessions that are, or are not, whole histories of users. */
    public Protocol ofHistories(boolean areHistories) {
      return new Protocol(
          holdout, depth, minSessionLength, unknown, ties, excludeClicked, areHistories);
    }

    private static Filters filters(int minSessionLength) {
      return new Filters(minSessionLength, 1);
    }
  }

  /** Creates a job for a model. */
  public EvaluateJob(SparkSession spark, ModelFiles model, Protocol protocol) {
    this.spark = spark;
    this.model = model;
    this.protocol = protocol;
  }

  /**
   * Runs the evaluation. For a holdout by time the sessions are read twice, first to find the last
   * click.
   *
   * @param sessions from a {@link SessionInput}
   * @throws IllegalArgumentException if a holdout by time finds no times
   */
  public RankCounts of(Dataset<Row> sessions) {
    Partition partition = new Partition(
        model,
        JobCounts.in(spark),
        protocol.holdout instanceof Holdout.LastClick,
        protocol.holdout instanceof Holdout.Last last ? cut(sessions, last) : null,
        protocol.depth,
        protocol.minSessionLength,
        protocol.unknown,
        protocol.ties,
        protocol.excludeClicked,
        protocol.histories);
    return sessions.mapPartitions(partition, Encoders.row(COUNTS)).collectAsList().stream()
        .map(EvaluateJob::counts)
        .reduce(RankCounts.none(protocol.depth), RankCounts::plus);
  }

  private static Instant cut(Dataset<Row> sessions, Holdout.Last last) {
    Row newest =
        sessions.agg(functions.max(functions.array_max(functions.col("times")))).first();
    if (newest.isNullAt(0)) {
      throw new IllegalArgumentException("a holdout of the last " + last
          + " needs clicks with times, but these clicks have none: use last-click or none");
    }
    return Instant.ofEpochMilli(newest.getLong(0)).minus(last.duration());
  }

  private static Row row(RankCounts counts) {
    long[] all = new long[6 + counts.atRank().length];
    all[0] = counts.sessions();
    all[1] = counts.predictions();
    all[2] = counts.unknownTargets();
    all[3] = counts.unknownClicks();
    all[4] = counts.repeatedTargets();
    all[5] = counts.tied();
    System.arraycopy(counts.atRank(), 0, all, 6, counts.atRank().length);
    return RowFactory.create(
        CollectionConverters.asScala(Arrays.stream(all).boxed().toList()));
  }

  private static RankCounts counts(Row row) {
    List<Long> all = row.getList(0);
    return new RankCounts(
        all.get(0),
        all.get(1),
        all.get(2),
        all.get(3),
        all.get(4),
        all.get(5),
        all.stream().skip(6).mapToLong(Long::longValue).toArray());
  }

  private record Partition(
      ModelFiles files,
      JobCounts counts,
      boolean lastClick,
      @Nullable Instant cut,
      int depth,
      int minSessionLength,
      UnknownItems unknown,
      Ties ties,
      boolean excludeClicked,
      boolean histories)
      implements MapPartitionsFunction<Row, Row> {
    @Override
    public Iterator<Row> call(Iterator<Row> rows) {
      RankCounts sum = RankCounts.none(depth);
      Iterator<Sessions> batches =
          SessionStream.batches(Iterators.map(rows, SessionTable::session));
      while (batches.hasNext()) {
        JobCounts.Tally tally = counts.tally();
        sum = sum.plus(counts(ModelCache.model(files, tally), batches.next()));
      }
      return List.of(row(sum)).iterator();
    }

    private RankCounts counts(SavedModel model, Sessions read) {
      Sessions sessions = histories ? read.asHistories(Visits.GAP) : read;
      Split split = cut == null ? null : Split.at(sessions, cut);
      Split.Targets targets = lastClick
          ? new Split.Targets.Last()
          : split == null ? new Split.Targets.AfterFirst() : split.targets();
      Sessions test = lastClick
          ? new Holdout.LastClick().split(sessions).test()
          : split == null ? sessions : split.test();
      Sessions filtered = Protocol.filters(minSessionLength)
          .test(
              test,
              unknown == UnknownItems.MISS ? test.vocabulary() : model.vocabulary(),
              unknown,
              targets)
          .sessions();
      Predictions predictions = Predictions.of(filtered, targets);
      Ranker ranker = new Ranker(excludeClicked, 0);
      return RankCounts.of(ranker.rank(model.recommender(), predictions, made -> {}), depth, ties);
    }
  }
}
