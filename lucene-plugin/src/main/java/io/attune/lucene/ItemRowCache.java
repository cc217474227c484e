package io.attune.lucene;

import io.attune.model.TextVectors;
import io.attune.session.Vocabulary;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.lucene.document.Document;
import org.apache.lucene.index.DocValues;
import org.apache.lucene.index.IndexReader;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.SortedSetDocValues;
import org.apache.lucene.index.StoredFields;
import org.apache.lucene.search.DocIdSetIterator;
import org.jspecify.annotations.Nullable;

/**
 * Caches the item of each document, segment by segment. A segment is joined once, by the first
 * thread that needs it; a thread that runs out of time leaves the rest of the join to the next one.
 *
 * <p>A join is kept as long as its segment is reachable. No listener is registered with the
 * segment, so nothing outlives the model. Thread-safe.
 */
final class ItemRowCache {
  /** Terms or documents processed between two progress calls: about 0.2 ms. */
  private static final int PROGRESS_INTERVAL = 1024;

  private final String field;
  private final Set<String> textFields;
  private final Vocabulary vocabulary;
  private final @Nullable TextVectors texts;
  private final Map<Object, SegmentJoin> bySegment =
      Collections.synchronizedMap(new WeakHashMap<>());

  /**
   * The items of a segment's documents.
   *
   * @param rows of each document: its item's row in the model; 0 if it has no vector; -1 - i if its
   *     item came after training and has the vector {@code fromWords[i]}
   * @param fromWords float32 (N, D): vectors made of the documents' texts
   */
  record Items(int[] rows, List<float[]> fromWords) {
    /** The vector of a row below 0. */
    float[] fromWords(int row) {
      return fromWords.get(-1 - row);
    }
  }

  /**
   * A cache without any joins yet.
   *
   * @param textFields stored fields with what is written about items, of which those that the model
   *     does not know get vectors
   * @param texts what makes them; null for none
   */
  ItemRowCache(
      String field,
      Collection<String> textFields,
      Vocabulary vocabulary,
      @Nullable TextVectors texts) {
    this.field = field;
    this.textFields = new LinkedHashSet<>(textFields);
    this.vocabulary = vocabulary;
    this.texts = textFields.isEmpty() ? null : texts;
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
    private final List<float[]> made = new ArrayList<>();
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
          known = new Items(rows, made);
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
      StoredFields stored = leaf.reader().storedFields();
      int checked = 0;
      for (int doc = nextDoc < rows.length ? ids.advance(nextDoc) : DocIdSetIterator.NO_MORE_DOCS;
          doc != DocIdSetIterator.NO_MORE_DOCS;
          doc = ids.nextDoc()) {
        for (int left = ids.docValueCount(); left > 0 && rows[doc] == 0; left--) {
          rows[doc] = rowsByOrdinal[(int) ids.nextOrd()];
        }
        nextDoc = doc + 1;
        checked++;
        TextVectors words = texts;
        if (rows[doc] == 0 && words != null) {
          rows[doc] = made(words, stored.document(doc, textFields));
          progress.run(); // takes as long as hundreds of rows
        } else if (checked % PROGRESS_INTERVAL == 0) {
          progress.run();
        }
      }
    }

    /** Makes a vector of a document's texts, and returns the row that stands for it. */
    private int made(TextVectors words, Document document) {
      List<String> written = textFields.stream()
          .flatMap(name -> Arrays.stream(document.getValues(name)))
          .toList();
      float[] vector = words.vector(TextVectors.joined(written));
      if (vector == null) {
        return 0;
      }
      made.add(vector);
      return -made.size();
    }
  }
}
