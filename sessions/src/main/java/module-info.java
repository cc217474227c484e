/** Sessions of clicks: vocabulary, filters, and splits in time. */
module io.attune.sessions {
  requires static transitive org.jspecify;

  exports io.attune.session;
}
