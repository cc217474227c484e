/** Re-ranking, retrieval and explanation in Lucene by the visitor's session. */
module io.attune.lucene {
  requires transitive io.attune.core;
  requires transitive org.apache.lucene.core;
  requires org.apache.lucene.queries;
  requires static transitive org.jspecify;

  exports io.attune.lucene;
}
