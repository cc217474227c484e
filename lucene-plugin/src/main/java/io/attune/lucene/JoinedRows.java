package io.attune.lucene;

import io.attune.session.Vocabulary;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.Collections;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.lucene.index.DocValues;
import org.apache.lucene.index.IndexReader;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.SortedSetDocValues;
import org.apache.lucene.search.DocIdSetIterator;
import org.jspecify.annotations.Nullable;

/**
 * Which item each document is, segment by segment. A segment is joined once, however many ask for
 * it at a time; who runs out of time leaves what is done to the next.
 *
 * <p>Kept for as long as the segment is reachable: no listener on it outlives the model. Safe for
 * use by several threads.
 */
final class JoinedRows {
  /** Ids or documents looked up between two pauses: about 0.2 ms. */
  private static final int STEP = 1024;

  private final String field;
  private final Vocabulary vocabulary;
  private final Map<Object, Join> bySegment = Collections.synchronizedMap(new WeakHashMap<>());

  JoinedRows(String field, Vocabulary vocabulary) {
    this.field = field;
    this.vocabulary = vocabulary;
  }

  /**
   * The item row of each document, 0 where the model does not know its item.
   *
   * @param pause called now and then while there is something to do; may throw to stop it
   */
  int[] of(LeafReaderContext leaf, Runnable pause) throws IOException {
    IndexReader.CacheHelper helper = leaf.reader().getCoreCacheHelper();
    if (helper == null) {
      return new Join().rows(leaf, pause);
    }
    Join join = bySegment.computeIfAbsent(helper.getKey(), key -> new Join());
    int[] done = join.done;
    return done != null ? done : join.rows(leaf, pause);
  }

  /** Of one segment, as far as it is done. */
  private final class Join {
    private final ReentrantLock lock = new ReentrantLock();
    private volatile int @Nullable [] done;
    private int[] rowsByOrdinal = {};
    private int[] rows = {};
    private int nextOrdinal;
    private int nextDoc;

    int[] rows(LeafReaderContext leaf, Runnable pause) throws IOException {
      try {
        while (!lock.tryLock(1, TimeUnit.MILLISECONDS)) {
          pause.run();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException("interrupted while a new segment is joined");
      }
      try {
        int[] known = done;
        if (known == null) {
          goOn(leaf, pause);
          known = rows;
          done = known;
          rowsByOrdinal = new int[0];
        }
        return known;
      } finally {
        lock.unlock();
      }
    }

    private void goOn(LeafReaderContext leaf, Runnable pause) throws IOException {
      SortedSetDocValues ids = DocValues.getSortedSet(leaf.reader(), field);
      if (nextOrdinal == 0) {
        rowsByOrdinal = new int[Math.toIntExact(ids.getValueCount())];
        rows = new int[leaf.reader().maxDoc()];
      }
      while (nextOrdinal < rowsByOrdinal.length) {
        rowsByOrdinal[nextOrdinal] = vocabulary.row(ids.lookupOrd(nextOrdinal).utf8ToString());
        nextOrdinal++;
        if (nextOrdinal % STEP == 0) {
          pause.run();
        }
      }
      int joined = 0;
      for (int doc = nextDoc < rows.length ? ids.advance(nextDoc) : DocIdSetIterator.NO_MORE_DOCS;
          doc != DocIdSetIterator.NO_MORE_DOCS;
          doc = ids.nextDoc()) {
        for (int left = ids.docValueCount(); left > 0 && rows[doc] == 0; left--) {
          rows[doc] = rowsByOrdinal[(int) ids.nextOrd()];
        }
        nextDoc = doc + 1;
        joined++;
        if (joined % STEP == 0) {
          pause.run();
        }
      }
    }
  }
}
