package io.attune.cli;

import io.attune.lucene.ItemDocuments;
import io.attune.lucene.SessionRescorer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How the hits of a search are re-ranked by a session. */
final class RescoringMixin {
  @Option(
      names = "--window",
      paramLabel = "N",
      defaultValue = "1000",
      description = "Number of hits to re-rank (default: ${DEFAULT-VALUE}).")
  @Bounds(min = 1, max = 100_000)
  private int window;

  @Option(
      names = "--weight",
      paramLabel = "W",
      description = "The weight of the session among the hits of a search, from 0 for words alone"
          + " to 1 for the session alone (default: 0.5; a learned blend has its own).")
  @Bounds(min = 0, max = 1)
  private @Nullable Float weight;

  @Option(
      names = "--id-field",
      paramLabel = "FIELD",
      defaultValue = ItemDocuments.ID,
      description =
          "The doc values field of the index with the item's id (default: ${DEFAULT-VALUE}).")
  private String idField = ItemDocuments.ID;

  /** Number of hits. */
  int window() {
    return window;
  }

  /** The weight of the session; null if none is given. */
  @Nullable
  Float weight() {
    return weight;
  }

  /** The field with the item's id. */
  String idField() {
    return idField;
  }

  /** The window, and otherwise what is usual. */
  SessionRescorer.Settings settings() {
    return SessionRescorer.Settings.defaults().withWindow(window);
  }
}
