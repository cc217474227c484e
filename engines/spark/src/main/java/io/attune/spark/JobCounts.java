package io.attune.spark;

import java.io.Serial;
import java.io.Serializable;
import java.util.EnumMap;
import java.util.TreeMap;
import org.apache.spark.TaskContext;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.AccumulatorV2;

/**
 * The metrics of a job, kept by partition: if a partition is computed again, because an executor
 * was lost or a stage was retried, its new counts replace the previous ones and nothing is counted
 * twice.
 */
final class JobCounts extends AccumulatorV2<JobCounts.Part, JobCounts> {
  @Serial
  private static final long serialVersionUID = 1;

  private final TreeMap<Integer, EnumMap<Count, Long>> byPartition = new TreeMap<>();

  /** The counts of one partition. */
  record Part(int partition, EnumMap<Count, Long> counts) implements Serializable {}

  /** Creates counts that are registered with a Spark session. */
  static JobCounts in(SparkSession spark) {
    JobCounts counts = new JobCounts();
    spark.sparkContext().register(counts);
    return counts;
  }

  /** The counts of the partition that the calling task computes. */
  Tally tally() {
    return new Tally(this, TaskContext.getPartitionId());
  }

  /** Counts that are added to those of the job when the partition is done. */
  static final class Tally {
    private final JobCounts to;
    private final int partition;
    private final EnumMap<Count, Long> counts = new EnumMap<>(Count.class);

    private Tally(JobCounts to, int partition) {
      this.to = to;
      this.partition = partition;
    }

    void add(Count count, long number) {
      counts.merge(count, number, Long::sum);
    }

    void done() {
      to.add(new Part(partition, counts));
    }
  }

  /** The sum over all finished partitions. */
  long of(Count count) {
    return byPartition.values().stream()
        .mapToLong(counts -> counts.getOrDefault(count, 0L))
        .sum();
  }

  @Override
  public boolean isZero() {
    return byPartition.isEmpty();
  }

  @Override
  public JobCounts copy() {
    JobCounts copy = new JobCounts();
    copy.byPartition.putAll(byPartition);
    return copy;
  }

  @Override
  public void reset() {
    byPartition.clear();
  }

  @Override
  public void add(Part part) {
    byPartition.put(part.partition, new EnumMap<>(part.counts));
  }

  @Override
  public void merge(AccumulatorV2<Part, JobCounts> other) {
    byPartition.putAll(other.value().byPartition);
  }

  @Override
  public JobCounts value() {
    return this;
  }
}
