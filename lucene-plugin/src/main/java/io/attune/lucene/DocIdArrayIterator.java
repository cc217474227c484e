package io.attune.lucene;

import org.apache.lucene.search.DocIdSetIterator;

/** Iterates over a range of an ascending array of document ids. */
final class DocIdArrayIterator extends DocIdSetIterator {
  private final int[] docs;
  private final int from;
  private final int to;
  private int at;

  DocIdArrayIterator(int[] docs, int from, int to) {
    this.docs = docs;
    this.from = from;
    this.to = to;
    this.at = from - 1;
  }

  @Override
  public int docID() {
    if (at < from) {
      return -1;
    }
    return at < to ? docs[at] : NO_MORE_DOCS;
  }

  @Override
  public int nextDoc() {
    at++;
    return docID();
  }

  @Override
  public int advance(int target) {
    do {
      at++;
    } while (at < to && docs[at] < target);
    return docID();
  }

  @Override
  public long cost() {
    return (long) to - from;
  }
}
