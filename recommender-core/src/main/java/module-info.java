/**
 * Models and how to query them without an engine: models on disk, recommenders, incremental
 * encoders, session states and vector scans.
 */
@SuppressWarnings("requires-automatic") // Micrometer, which is optional
module io.attune.core {
  requires transitive io.attune.sessions;
  requires transitive com.fasterxml.jackson.annotation;
  requires transitive com.fasterxml.jackson.databind;
  requires transitive com.github.benmanes.caffeine;
  requires static micrometer.core;
  requires static transitive org.jspecify;

  exports io.attune.incremental;
  exports io.attune.metric;
  exports io.attune.model;
  exports io.attune.recommender;
  exports io.attune.saved;
  exports io.attune.serving;
  exports io.attune.vector;

  opens io.attune.model to
      com.fasterxml.jackson.databind;

  uses io.attune.saved.ModelOpener;
}
