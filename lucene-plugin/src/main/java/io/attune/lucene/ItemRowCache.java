package io.attune.lucene;

import io.attune.model.TextVectors;
import io.attune.session.Vocabulary;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.Collections;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.lucene.index.DocValues;
import org.apache.lucene.index.IndexReader;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.SortedSetDocValues;
import org.apache.lucene.search.DocIdSetIterator;
import org.jspecify.annotations.Nullable;

/**
 * Caches the item of each document, segment by segment. A segment is joined once, by the first
 * thread that needs it; a thread that runs out of time leaves the rest of the join to the next one.
 * The vector of an item that the model does not know is made of its texts when a document is first
 * asked for, and kept: of a segment's new items, few are among the hits of a search.
 *
 * <p>A join is kept as long as its segment is reachable. No listener is registered with the
 * segment, so nothing outlives the model. Thread-safe.
 */
final class ItemRowCache {
  /** Terms or documents processed between two progress calls: about 0.2 ms. */
  private static final int PROGRESS_INTERVAL = 1024;

  private static final float[] NONE = {};

  private final String field;
  private final Vocabulary vocabulary;
  private final @Nullable Words words;
  private final Map<Object, SegmentJoin> bySegment =
      Collections.synchronizedMap(new WeakHashMap<>());

  /**
   * What gives items vectors that the model does not know.
   *
   * @param written what is written about them
   * @param vectors what makes vectors of it
   */
  record Words(TextSource written, TextVectors vectors) {}

  /**
   * The items of a segment's documents.
   *
   * @param rows of each document: its item's row in the model; 0 if it has no vector; -1 - i if the
   *     model does not know its item, whose vector is {@code fromWords[i]}
   * @param fromWords float32 (N, D): vectors made of documents' texts; null if not made yet, empty
   *     if there is none
   */
  record Items(int[] rows, AtomicReferenceArray<float[]> fromWords) {}

  /**
   * A cache without any joins yet.
   *
   * @param words null if items that the model does not know have no vectors
   */
  ItemRowCache(String field, Vocabulary vocabulary, @Nullable Words words) {
    this.field = field;
    this.vocabulary = vocabulary;
    this.words = words;
  }

  /** The items of a segment's documents, in any order. Not thread-safe. */
  final class Documents {
    private final LeafReaderContext leaf;
    private final Items items;
    private TextSource.@Nullable DocTexts texts;

    private Documents(LeafReaderContext leaf, Items items) {
      this.leaf = leaf;
      this.items = items;
    }

    /** The row of a document's item in the model; 0 if the model does not know it. */
    int row(int doc) {
      return Math.max(0, items.rows[doc]);
    }

    /** The vector of a document whose item the model does not know; null if there is none. */
    float @Nullable [] fromWords(int doc) throws IOException {
      int place = -1 - items.rows[doc];
      Words known = words;
      if (place < 0 || known == null) {
        return null;
      }
      float[] vector = items.fromWords.get(place);
      if (vector == null) {
        vector = made(known, doc);
        items.fromWords.set(place, vector); // another thread may have made the same one
      }
      return vector.length == 0 ? null : vector;
    }

    private float[] made(Words known, int doc) throws IOException {
      TextSource.DocTexts written = texts;
      if (written == null) {
        written = known.written.of(leaf);
        texts = written;
      }
      float[] vector = known.vectors.vector(TextVectors.joined(written.texts(doc)));
      return vector == null ? NONE : vector;
    }
  }

  /** As {@link #items}, for one thread. */
  Documents documents(LeafReaderContext leaf, Runnable progress) throws IOException {
    return new Documents(leaf, items(leaf, progress));
  }

  /**
   * Returns the items of a segment's documents.
   *
   * @param progress called regularly while the join is incomplete; may throw to stop waiting for it
   */
  Items items(LeafReaderContext leaf, Runnable progress) throws IOException {
    IndexReader.CacheHelper helper = leaf.reader().getCoreCacheHelper();
    if (helper == null) {
      return new SegmentJoin().items(leaf, progress);
    }
    SegmentJoin join = bySegment.computeIfAbsent(helper.getKey(), key -> new SegmentJoin());
    Items done = join.done;
    return done != null ? done : join.items(leaf, progress);
  }

  /** The join of one segment, possibly incomplete. */
  private final class SegmentJoin {
    private final ReentrantLock lock = new ReentrantLock();
    private volatile @Nullable Items done;
    private int[] rowsByOrdinal = {};
    private int[] rows = {};
    private int unknown; // documents whose item the model does not know
    private int nextOrdinal;
    private int nextDoc;

    Items items(LeafReaderContext leaf, Runnable progress) throws IOException {
      try {
        while (!lock.tryLock(1, TimeUnit.MILLISECONDS)) {
          progress.run();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException("interrupted while joining a new segment");
      }
      try {
        Items known = done;
        if (known == null) {
          resume(leaf, progress);
          known = new Items(rows, new AtomicReferenceArray<>(unknown));
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
        if (rows[doc] == 0 && words != null) {
          unknown++;
          rows[doc] = -unknown;
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
