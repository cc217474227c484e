package io.attune.batch;

import java.io.Closeable;
import java.io.IOException;

/** Writes recommendations to a part of a file, which is complete when this is closed. */
public sealed interface RecommendationWriter extends Closeable
    permits CsvRecommendations, JsonRecommendations, ParquetRecommendations, TrecRun {

  /**
   * Writes what one session gets.
   *
   * @throws IOException when it cannot be written
   */
  void write(Recommendations recommendations) throws IOException;
}
