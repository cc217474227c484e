package io.attune.batch;

import io.attune.incremental.SessionState;
import io.attune.recommender.Prefix;
import io.attune.recommender.Recommender;
import io.attune.recommender.SparseRecommender;
import io.attune.recommender.SparseScores;
import io.attune.recommender.VectorRecommender;
import io.attune.saved.SavedModel;
import io.attune.serving.BeamSearch;
import io.attune.serving.Continuation;
import io.attune.serving.ServingModel;
import io.attune.vector.BoundedScan;
import io.attune.vector.ClickedScores;
import io.attune.vector.ItemScan;
import io.attune.vector.ItemVectors;
import io.attune.vector.TopK;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Finds what to recommend after prefixes of at least one click. Thread-safe. */
sealed interface ItemSearch extends AutoCloseable {

  /** Item rows with their scores, best first; of a sequence of clicks, in its order. */
  record Result(int[] rows, float[] scores) {}

  /** Returns the best items after each prefix; fewer than K if there are not enough candidates. */
  List<Result> search(List<Prefix> prefixes);

  /** Tunes the search on sample prefixes of at least one click; otherwise the first search does. */
  default void prepare(List<Prefix> prefixes) {}

  /** The estimated recall of an approximate search; empty for an exact or unused one. */
  default Optional<RecallEstimate> recall() {
    return Optional.empty();
  }

  /** Releases what the search made; not while it is searching. */
  @Override
  default void close() {}

  /** The search that fits a model. */
  static ItemSearch of(
      SavedModel model, Candidates candidates, BatchOptions options, WorkerPool workers) {
    return switch (model) {
      case SavedModel.Engine engine ->
        new VectorSearch(engine.items(), new BatchEncoder(engine), candidates, options, workers);
      case SavedModel.Incremental incremental -> {
        ServingModel serving = incremental.recommender().model();
        yield new VectorSearch(
            serving.items(), new ClickByClickEncoder(serving), candidates, options, workers);
      }
      case SavedModel.Baseline baseline -> of(baseline.recommender(), candidates, options, workers);
    };
  }

  /** The search that fits a recommender that has scores only. */
  static ItemSearch of(
      Recommender recommender, Candidates candidates, BatchOptions options, WorkerPool workers) {
    return recommender instanceof SparseRecommender sparse
        ? new SparseSearch(sparse, candidates.set(), options, workers)
        : new ScoreSearch(recommender, candidates.set(), options);
  }

  private static int[] excluded(Prefix prefix, BatchOptions options) {
    return options.excludeClicked()
        ? Arrays.stream(prefix.clicks(), 0, prefix.length()).sorted().distinct().toArray()
        : new int[0];
  }

  /** Encodes prefixes to query vectors. Thread-safe. */
  interface QueryEncoder {
    /** Returns the query vector of each prefix, float32 (D). */
    List<float[]> encode(List<Prefix> prefixes);

    /** What is added to the scores of the items of a prefix. */
    ClickedScores clicked(Prefix prefix);

    /** Prepares an exact scan, as {@link VectorRecommender#scan}. */
    default ItemScan scan(ItemVectors items, int[] candidates, int count, List<float[]> sample) {
      return BoundedScan.of(items, candidates, count, sample);
    }
  }

  /** Encodes prefixes of similar lengths in batches, by the engine. */
  record BatchEncoder(SavedModel.Engine model) implements QueryEncoder {
    /** Longer sessions are encoded click by click, since attention in batches is quadratic. */
    private static final int MAX_LENGTH = 256;

    @Override
    public List<float[]> encode(List<Prefix> prefixes) {
      ServingModel incremental = model.incremental();
      List<Prefix> batch = incremental == null
          ? prefixes
          : prefixes.stream().filter(prefix -> prefix.length() <= MAX_LENGTH).toList();
      int dimension = model.items().dimension();
      float[] encoded = model.recommender().separateQueries(batch);
      List<float[]> vectors = new ArrayList<>(prefixes.size());
      int from = 0;
      for (Prefix prefix : prefixes) {
        if (incremental == null || prefix.length() <= MAX_LENGTH) {
          vectors.add(Arrays.copyOfRange(encoded, from, from + dimension));
          from += dimension;
        } else {
          vectors.add(ClickByClickEncoder.encode(incremental, prefix));
        }
      }
      return vectors;
    }

    @Override
    public ClickedScores clicked(Prefix prefix) {
      return model.recommender().clicked(prefix);
    }

    @Override
    public ItemScan scan(ItemVectors items, int[] candidates, int count, List<float[]> sample) {
      return model.recommender().scan(items, candidates, count, sample);
    }
  }

  /** Encodes prefixes click by click, in plain Java. */
  record ClickByClickEncoder(ServingModel model) implements QueryEncoder {
    @Override
    public List<float[]> encode(List<Prefix> prefixes) {
      return prefixes.stream().map(prefix -> encode(model, prefix)).toList();
    }

    @Override
    public ClickedScores clicked(Prefix prefix) {
      return model.correction().scores(prefix.clicks(), prefix.length());
    }

    static float[] encode(ServingModel model, Prefix prefix) {
      SessionState state = model.encoder().start();
      for (int i = 0; i < prefix.length(); i++) {
        model.encoder().advance(state, prefix.clicks()[i], prefix.time(i));
      }
      return model.vector(state).query();
    }
  }

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
            ? excluded(prefixes.get(i), options)
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
        Arrays.stream(excluded(prefixes.get(i), options)).forEach(allowed::clear);
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

  /** Finds the most likely sequence of clicks, with their probabilities as scores. */
  record Continuing(BeamSearch search, WorkerPool workers) implements ItemSearch {
    private static final int CHUNK = 16;

    @Override
    public List<Result> search(List<Prefix> prefixes) {
      return workers.mapChunks(
          prefixes, CHUNK, chunk -> chunk.stream().map(this::likeliest).toList());
    }

    private Result likeliest(Prefix prefix) {
      Continuation first = search.continuations(prefix).getFirst();
      float[] scores = new float[first.rows().length];
      for (int i = 0; i < scores.length; i++) {
        scores[i] = (float) first.probabilities()[i];
      }
      return new Result(first.rows(), scores);
    }
  }

  /** Selects from the few nonzero scores; items that score 0 are never recommended. */
  record SparseSearch(
      SparseRecommender recommender, BitSet candidates, BatchOptions options, WorkerPool workers)
      implements ItemSearch {
    private static final int CHUNK = 64;

    @Override
    public List<Result> search(List<Prefix> prefixes) {
      return workers.mapChunks(
          prefixes,
          CHUNK,
          chunk -> chunk.stream()
              .map(prefix -> recommender.withScores(prefix, scores -> select(prefix, scores)))
              .toList());
    }

    private Result select(Prefix prefix, SparseScores scores) {
      int[] excluded = excluded(prefix, options);
      TopK best = new TopK(options.top());
      for (int i = 0; i < scores.size(); i++) {
        int row = scores.row(i);
        if (candidates.get(row) && Arrays.binarySearch(excluded, row) < 0) {
          best.offer(row, scores.get(row));
        }
      }
      return best.sorted(Result::new);
    }
  }

  /** Selects from the scores of all items. */
  final class ScoreSearch implements ItemSearch {
    /** Scores held at a time. */
    private static final int MAX_SCORES = 1 << 23;

    private static final int MAX_PREFIXES = 128;

    private final Recommender recommender;
    private final BitSet candidates;
    private final BatchOptions options;
    private final int stride; // V + 1
    private final float[] scores;
    private final ReentrantLock lock = new ReentrantLock(); // not all recommenders are thread-safe

    ScoreSearch(Recommender recommender, BitSet candidates, BatchOptions options) {
      this.recommender = recommender;
      this.candidates = candidates;
      this.options = options;
      this.stride = recommender.vocabulary().size() + 1;
      this.scores = new float[stride * Math.clamp(MAX_SCORES / stride, 1, MAX_PREFIXES)];
    }

    @Override
    public List<Result> search(List<Prefix> prefixes) {
      lock.lock();
      try {
        List<Result> results = new ArrayList<>(prefixes.size());
        int batch = scores.length / stride;
        for (int from = 0; from < prefixes.size(); from += batch) {
          List<Prefix> part = prefixes.subList(from, Math.min(prefixes.size(), from + batch));
          recommender.score(part, scores);
          for (int i = 0; i < part.size(); i++) {
            int[] excluded = excluded(part.get(i), options);
            TopK best = new TopK(options.top());
            best.offer(
                1,
                scores,
                i * stride + 1,
                stride - 1,
                row -> candidates.get(row) && Arrays.binarySearch(excluded, row) < 0);
            results.add(best.sorted(Result::new));
          }
        }
        return results;
      } finally {
        lock.unlock();
      }
    }
  }
}
