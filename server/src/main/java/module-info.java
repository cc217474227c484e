/** Sessions, recommendations and re-ranked search over HTTP. */
@SuppressWarnings("requires-automatic") // Micrometer
module io.attune.server {
  requires transitive io.attune.lucene;
  requires transitive com.github.benmanes.caffeine;
  requires com.fasterxml.jackson.databind;
  requires jdk.httpserver;
  requires micrometer.core;
  requires static transitive org.jspecify;

  exports io.attune.server;

  opens io.attune.server to
      com.fasterxml.jackson.databind;
}
