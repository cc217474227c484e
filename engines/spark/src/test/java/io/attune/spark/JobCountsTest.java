package io.attune.spark;

import static org.assertj.core.api.Assertions.assertThat;

import io.attune.spark.JobCounts.Part;
import java.util.EnumMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class JobCountsTest {
  @Test
  void aPartitionThatRanTwiceCountsOnce() {
    JobCounts counts = new JobCounts();
    assertThat(counts.isZero()).isTrue();
    counts.merge(of(new Part(1, rows(5))));
    counts.merge(of(new Part(2, rows(7))));
    counts.merge(of(new Part(1, rows(5))));
    assertThat(counts.value().of(Count.ROWS)).isEqualTo(12);
    assertThat(counts.copy().of(Count.ROWS)).isEqualTo(12);
    counts.reset();
    assertThat(counts.isZero()).isTrue();
  }

  private static JobCounts of(Part part) {
    JobCounts counts = new JobCounts();
    counts.add(part);
    return counts;
  }

  private static EnumMap<Count, Long> rows(long count) {
    return new EnumMap<>(Map.of(Count.ROWS, count));
  }
}
