package io.attune.batch;

import java.io.Closeable;
import java.io.IOException;

/** Writes recommendations to a part of a file; the part is complete once the writer is closed. */
sealed interface RecommendationWriter extends Closeable
    permits CsvRecommendations, JsonRecommendations, ParquetRecommendations, TrecRecommendations {

  /**
   * Writes the recommendations for one session.
   *
   * @throws IOException if they cannot be written
   */
  void write(Recommendations recommendations) throws IOException;
}
