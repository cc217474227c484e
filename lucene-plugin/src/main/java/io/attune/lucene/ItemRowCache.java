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
 * Caches the item row of each document, segment by segment. A segment is joined once, by the first
 * thread that needs it; a thread that runs out of time leaves the rest of the join to the next one.
 *
 * <p>A join is kept as long as its segment is reachable. No listener is registered with the
 * segment, so nothing outlives the model. Thread-safe.
 */
final class ItemRowCache {
  /** Terms or documents processed between two progress calls: about 0.2 ms. */
  private static final int PROGRESS_INTERVAL = 1024;

  private final String field;
  private final Vocabulary vocabulary;
  private final Map<Object, SegmentJoin> bySegment =
      Collections.synchronizedMap(new WeakHashMap<>());

  ItemRowCache(String field, Vocabulary vocabulary) {
    this.field = field;
    this.vocabulary = vocabulary;
  }

  /**
   * Returns the item row of each document, 0 if the model does not know its item.
   *
   * @param progress called regularly while the join is incomplete; may throw to stop waiting for it
   */
  int[] rows(LeafReaderContext leaf, Runnable progress) throws IOException {
    IndexReader.CacheHelper helper = leaf.reader().getCoreCacheHelper();
    if (helper == null) {
      return new SegmentJoin().rows(leaf, progress);
    }
    SegmentJoin join = bySegment.computeIfAbsent(helper.getKey(), key -> new SegmentJoin());
    int[] done = join.done;
    return done != null ? done : join.rows(leaf, progress);
  }

  /** The join of one segment, possibly incomplete. */
  private final class SegmentJoin {
    private final ReentrantLock lock = new ReentrantLock();
    private volatile int @Nullable [] done;
    private int[] rowsByOrdinal = {};
    private int[] rows = {};
    private int nextOrdinal;
    private int nextDoc;

    int[] rows(LeafReaderContext leaf, Runnable progress) throws IOException {
      try {
        while (!lock.tryLock(1, TimeUnit.MILLISECONDS)) {
          progress.run();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException("interrupted while joining a new segment");
      }
      try {
        int[] known = done;
        if (known == null) {
          resume(leaf, progress);
          known = rows;
          done = known;
          rowsByOrdinal = new int[0];
        }
        return known;
      } finally {
        lock.unlock();
      }
    }

    private void resume(LeafReaderContext leaf, Runnable progress) throws IOException {
      SortedSetDocValues ids = DocValues.getSortedSet(leaf.reader(), field);
      if (nextOrdinal == 0) {
        rowsByOrdinal = new int[Math.toIntExact(ids.getValueCount())];
        rows = new int[leaf.reader().maxDoc()];
      }
      while (nextOrdinal < rowsByOrdinal.length) {
        rowsByOrdinal[nextOrdinal] = vocabulary.row(ids.lookupOrd(nextOrdinal).utf8ToString());
        nextOrdinal++;
        if (nextOrdinal % PROGRESS_INTERVAL == 0) {
          progress.run();
        }
      }
      int checked = 0;
      for (int doc = nextDoc < rows.length ? ids.advance(nextDoc) : DocIdSetIterator.NO_MORE_DOCS;
          doc != DocIdSetIterator.NO_MORE_DOCS;
          doc = ids.nextDoc()) {
        for (int left = ids.docValueCount(); left > 0 && rows[doc] == 0; left--) {
          rows[doc] = rowsByOrdinal[(int) ids.nextOrd()];
        }
        nextDoc = doc + 1;
        checked++;
        if (checked % PROGRESS_INTERVAL == 0) {
          progress.run();
        }
      }
    }
  }
}
