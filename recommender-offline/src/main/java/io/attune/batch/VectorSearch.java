package io.attune.batch;

import io.attune.recommender.Prefix;
import io.attune.vector.BoundedScan;
import io.attune.vector.ClickedScores;
import io.attune.vector.ItemScan;
import io.attune.vector.ItemVectors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Compares query vectors with a table of item vectors. */
final class VectorSearch implements ItemSearch {
  /** Sessions per task. */
  private static final int CHUNK = 256;

  /** Sample queries to tune an exact scan on. */
  private static final int EXACT_SAMPLE = 16;

  /** Sample queries to tune an approximate scan on, and as many more to measure its recall. */
  private static final int APPROXIMATE_SAMPLE = 128;

  private final ItemVectors items;
  private final QueryEncoder encoder;
  private final Candidates candidates;
  private final BitSet candidateSet;
  private final BatchOptions options;
  private final WorkerPool workers;
  private final ReentrantLock preparing = new ReentrantLock();
  private volatile @Nullable ItemScan scan;
  private volatile @Nullable RecallEstimate recall;

  VectorSearch(
      ItemVectors items,
      QueryEncoder encoder,
      Candidates candidates,
      BatchOptions options,
      WorkerPool workers) {
    this.items = items;
    this.encoder = encoder;
    this.candidates = candidates;
    this.candidateSet = candidates.set();
    this.options = options;
    this.workers = workers;
  }

  @Override
  public List<Result> search(List<Prefix> prefixes) {
    ItemScan prepared = scan(prefixes);
    // Sorted by length, since sessions of one length are encoded together.
    List<Integer> order = IntStream.range(0, prefixes.size())
        .boxed()
        .sorted(Comparator.comparingInt(i -> prefixes.get(i).length()))
        .toList();
    List<Result> sorted = workers.mapChunks(
        order.stream().map(prefixes::get).toList(), CHUNK, chunk -> search(chunk, prepared));
    Result[] results = new Result[prefixes.size()];
    for (int i = 0; i < results.length; i++) {
      results[order.get(i)] = sorted.get(i);
    }
    return List.of(results);
  }

  private List<Result> search(List<Prefix> prefixes, ItemScan prepared) {
    List<float[]> vectors = encoder.encode(prefixes);
    List<ClickedScores> clicked = prefixes.stream().map(this::clicked).toList();
    List<ItemScan.Query> queries = new ArrayList<>(vectors.size());
    for (int i = 0; i < vectors.size(); i++) {
      // Clicked items are either excluded, or scored apart and merged.
      int[] apart = options.excludeClicked()
          ? options.excluded(prefixes.get(i))
          : clicked.get(i).rows();
      queries.add(new ItemScan.Query(vectors.get(i), apart));
    }
    List<ItemVectors.Top> found = prepared.top(queries, options.top());
    List<Result> results = new ArrayList<>(found.size());
    for (int i = 0; i < found.size(); i++) {
      ItemVectors.Top top = clicked
          .get(i)
          .merged(found.get(i), items, vectors.get(i), options.top(), candidateSet::get);
      results.add(new Result(top.rows(), top.scores()));
    }
    return results;
  }

  /** What is added to the scores of the items of a prefix, unless they are excluded. */
  private ClickedScores clicked(Prefix prefix) {
    return options.excludeClicked() ? ClickedScores.NONE : encoder.clicked(prefix);
  }

  @Override
  public void prepare(List<Prefix> prefixes) {
    scan(prefixes);
  }

  private ItemScan scan(List<Prefix> prefixes) {
    ItemScan prepared = scan;
    if (prepared != null) {
      return prepared;
    }
    preparing.lock();
    try {
      prepared = scan;
      if (prepared == null) {
        prepared = createScan(prefixes);
        scan = prepared;
      }
      return prepared;
    } finally {
      preparing.unlock();
    }
  }

  private ItemScan createScan(List<Prefix> prefixes) {
    return switch (options.search()) {
      case EXACT -> {
        List<Prefix> sample = prefixes.subList(0, Math.min(prefixes.size(), EXACT_SAMPLE));
        yield encoder.scan(items, candidates.rows(), options.top(), encoder.encode(sample));
      }
      case APPROXIMATE -> {
        // Tuned on the first prefixes and measured on the next, if there are enough.
        int tuned = Math.min(prefixes.size(), APPROXIMATE_SAMPLE);
        ItemScan approximate = BoundedScan.approximate(
            items, candidates.rows(), options.top(), encoder.encode(prefixes.subList(0, tuned)));
        int from = Math.min(tuned, prefixes.size() - tuned);
        int to = Math.min(prefixes.size(), from + APPROXIMATE_SAMPLE);
        recall = measureRecall(approximate, prefixes.subList(from, to));
        yield approximate;
      }
    };
  }

  /** Compares the results of an approximate scan with the best of all items. */
  private RecallEstimate measureRecall(ItemScan approximate, List<Prefix> prefixes) {
    List<Result> results = search(prefixes, approximate);
    List<float[]> vectors = encoder.encode(prefixes);
    long hits = 0;
    long total = 0;
    for (int i = 0; i < vectors.size(); i++) {
      BitSet allowed = (BitSet) candidateSet.clone();
      Arrays.stream(options.excluded(prefixes.get(i))).forEach(allowed::clear);
      int[] best = clicked(prefixes.get(i))
          .top(items, vectors.get(i), options.top(), allowed::get, items::top)
          .rows();
      total += best.length;
      int[] found = Arrays.stream(results.get(i).rows()).sorted().toArray();
      hits += Arrays.stream(best)
          .filter(row -> Arrays.binarySearch(found, row) >= 0)
          .count();
    }
    return new RecallEstimate(prefixes.size(), total == 0 ? 1 : (double) hits / total);
  }

  @Override
  public Optional<RecallEstimate> recall() {
    return Optional.ofNullable(recall);
  }

  @Override
  public void close() {
    ItemScan prepared = scan;
    if (prepared != null) {
      prepared.close();
    }
  }
}
