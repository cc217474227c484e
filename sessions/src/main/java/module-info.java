/** Sessions of clicks: vocabulary, filters and train-test splits. */
module io.attune.sessions {
  requires static transitive org.jspecify;

  exports io.attune.session;
}
