package io.attune.batch;

import io.attune.incremental.SessionState;
import io.attune.recommender.Prefix;
import io.attune.recommender.Recommender;
import io.attune.recommender.SparseRecommender;
import io.attune.recommender.SparseScores;
import io.attune.saved.SavedModel;
import io.attune.serving.ServingModel;
import io.attune.vector.BoundedScan;
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

/**
 * The best candidates after prefixes, each of at least one click. Safe for use by several threads.
 */
sealed interface TopItems {

  /** Rows with their scores, best first. */
  record Best(int[] rows, float[] scores) {}

  /** The best of each prefix; fewer than asked for where there are not as many. */
  List<Best> best(List<Prefix> prefixes);

  /** Gets ready for prefixes like these, each of at least one click; otherwise the first do. */
  default void prepare(List<Prefix> prefixes) {}

  /** How much of the best was found, where some may be missed and something was asked for. */
  default Optional<Recall> recall() {
    return Optional.empty();
  }

  /** The way that suits a model. */
  static TopItems of(
      SavedModel model, Candidates candidates, BatchOptions options, Workers workers) {
    return switch (model) {
      case SavedModel.Engine neural ->
        new OfVectors(neural.items(), new InBatches(neural), candidates, options, workers);
      case SavedModel.Incremental plain -> {
        ServingModel steps = plain.recommender().model();
        yield new OfVectors(steps.items(), new ByClick(steps), candidates, options, workers);
      }
      case SavedModel.Baseline simple -> of(simple.recommender(), candidates, options, workers);
    };
  }

  /** The way that suits a recommender of which nothing but scores is known. */
  static TopItems of(
      Recommender recommender, Candidates candidates, BatchOptions options, Workers workers) {
    return recommender instanceof SparseRecommender sparse
        ? new OfSparse(sparse, candidates.set(), options, workers)
        : new OfScores(recommender, candidates.set(), options);
  }

  private static int[] excluded(Prefix prefix, BatchOptions options) {
    return options.excludeClicked()
        ? Arrays.stream(prefix.clicks(), 0, prefix.length()).sorted().distinct().toArray()
        : new int[0];
  }

  /** What makes the query vectors of prefixes. Safe for use by several threads. */
  @FunctionalInterface
  interface QueryVectors {
    /** The query vector of each prefix, float32 (D). */
    List<float[]> of(List<Prefix> prefixes);
  }

  /** Prefixes of a like length together, by the engine. */
  record InBatches(SavedModel.Engine model) implements QueryVectors {
    /** Sessions with more clicks are encoded click by click: attention in batches is quadratic. */
    private static final int LONG = 256;

    @Override
    public List<float[]> of(List<Prefix> prefixes) {
      ServingModel steps = model.incremental();
      List<Prefix> together = steps == null
          ? prefixes
          : prefixes.stream().filter(prefix -> prefix.length() <= LONG).toList();
      int dimension = model.items().dimension();
      float[] encoded = model.recommender().separateQueries(together);
      List<float[]> vectors = new ArrayList<>(prefixes.size());
      int at = 0;
      for (Prefix prefix : prefixes) {
        if (steps == null || prefix.length() <= LONG) {
          vectors.add(Arrays.copyOfRange(encoded, at, at + dimension));
          at += dimension;
        } else {
          vectors.add(ByClick.vector(steps, prefix));
        }
      }
      return vectors;
    }
  }

  /** Click by click, in plain Java. */
  record ByClick(ServingModel model) implements QueryVectors {
    @Override
    public List<float[]> of(List<Prefix> prefixes) {
      return prefixes.stream().map(prefix -> vector(model, prefix)).toList();
    }

    static float[] vector(ServingModel model, Prefix prefix) {
      SessionState state = model.encoder().start();
      for (int i = 0; i < prefix.length(); i++) {
        model.encoder().advance(state, prefix.clicks()[i], prefix.time(i));
      }
      return model.vector(state).query();
    }
  }

  /** By query vectors, which are compared with a table of item vectors. */
  final class OfVectors implements TopItems {
    /** Sessions that a worker takes at a time. */
    private static final int PART = 256;

    /** Queries by which a scan chooses its bounds. */
    private static final int SAMPLE = 16;

    /** As many, where some of the best may be missed; and as many to see how many are. */
    private static final int COMPARED = 128;

    private final ItemVectors items;
    private final QueryVectors queries;
    private final Candidates candidates;
    private final BatchOptions options;
    private final Workers workers;
    private final ReentrantLock preparing = new ReentrantLock();
    private volatile @Nullable BoundedScan scan;
    private volatile @Nullable Recall recall;

    OfVectors(
        ItemVectors items,
        QueryVectors queries,
        Candidates candidates,
        BatchOptions options,
        Workers workers) {
      this.items = items;
      this.queries = queries;
      this.candidates = candidates;
      this.options = options;
      this.workers = workers;
    }

    @Override
    public List<Best> best(List<Prefix> prefixes) {
      BoundedScan prepared = scan(prefixes);
      // Sessions of one length side by side, since they are encoded together.
      List<Integer> order = IntStream.range(0, prefixes.size())
          .boxed()
          .sorted(Comparator.comparingInt(i -> prefixes.get(i).length()))
          .toList();
      List<Best> made = workers.inParts(
          order.stream().map(prefixes::get).toList(), PART, part -> best(part, prepared));
      Best[] found = new Best[prefixes.size()];
      for (int i = 0; i < found.length; i++) {
        found[order.get(i)] = made.get(i);
      }
      return List.of(found);
    }

    private List<Best> best(List<Prefix> prefixes, BoundedScan prepared) {
      List<float[]> vectors = queries.of(prefixes);
      List<BoundedScan.Query> asked = new ArrayList<>(vectors.size());
      for (int i = 0; i < vectors.size(); i++) {
        asked.add(new BoundedScan.Query(vectors.get(i), excluded(prefixes.get(i), options)));
      }
      return prepared.top(asked, options.top()).stream()
          .map(top -> new Best(top.rows(), top.scores()))
          .toList();
    }

    @Override
    public void prepare(List<Prefix> prefixes) {
      scan(prefixes);
    }

    private BoundedScan scan(List<Prefix> prefixes) {
      BoundedScan made = scan;
      if (made != null) {
        return made;
      }
      preparing.lock();
      try {
        made = scan;
        if (made == null) {
          made = made(prefixes);
          scan = made;
        }
        return made;
      } finally {
        preparing.unlock();
      }
    }

    private BoundedScan made(List<Prefix> prefixes) {
      return switch (options.search()) {
        case EXACT -> {
          List<Prefix> sample = prefixes.subList(0, Math.min(prefixes.size(), SAMPLE));
          yield BoundedScan.of(items, candidates.rows(), options.top(), queries.of(sample));
        }
        case APPROXIMATE -> {
          // By some, and measured by others, as far as there are others.
          int some = Math.min(prefixes.size(), COMPARED);
          BoundedScan nearly = BoundedScan.approximate(
              items, candidates.rows(), options.top(), queries.of(prefixes.subList(0, some)));
          int from = Math.min(some, prefixes.size() - some);
          recall =
              measure(nearly, prefixes.subList(from, Math.min(prefixes.size(), from + COMPARED)));
          yield nearly;
        }
      };
    }

    /** Compares what a scan finds with the best of all items. */
    private Recall measure(BoundedScan nearly, List<Prefix> prefixes) {
      List<Best> found = best(prefixes, nearly);
      List<float[]> vectors = queries.of(prefixes);
      long hits = 0;
      long all = 0;
      for (int i = 0; i < vectors.size(); i++) {
        BitSet wanted = (BitSet) candidates.set().clone();
        Arrays.stream(excluded(prefixes.get(i), options)).forEach(wanted::clear);
        int[] best = items.top(vectors.get(i), options.top(), wanted::get).rows();
        all += best.length;
        int[] rows = Arrays.stream(found.get(i).rows()).sorted().toArray();
        hits += Arrays.stream(best)
            .filter(row -> Arrays.binarySearch(rows, row) >= 0)
            .count();
      }
      return new Recall(prefixes.size(), all == 0 ? 1 : (double) hits / all);
    }

    @Override
    public Optional<Recall> recall() {
      return Optional.ofNullable(recall);
    }
  }

  /** By the few scores that are not zero; items of score zero are never recommended. */
  record OfSparse(
      SparseRecommender recommender, BitSet candidates, BatchOptions options, Workers workers)
      implements TopItems {
    private static final int PART = 64;

    @Override
    public List<Best> best(List<Prefix> prefixes) {
      return workers.inParts(
          prefixes,
          PART,
          part -> part.stream()
              .map(prefix -> recommender.withScores(prefix, scores -> best(prefix, scores)))
              .toList());
    }

    private Best best(Prefix prefix, SparseScores scores) {
      int[] excluded = excluded(prefix, options);
      TopK best = new TopK(options.top());
      for (int i = 0; i < scores.size(); i++) {
        int row = scores.row(i);
        if (candidates.get(row) && Arrays.binarySearch(excluded, row) < 0) {
          best.offer(row, scores.get(row));
        }
      }
      return best.sorted(Best::new);
    }
  }

  /** By the scores of all items. */
  final class OfScores implements TopItems {
    /** Elements of a piece of scores. */
    private static final int SCORES = 1 << 23;

    private static final int MAX_PREFIXES = 128;

    private final Recommender recommender;
    private final BitSet candidates;
    private final BatchOptions options;
    private final int stride; // V + 1
    private final float[] scores;
    private final ReentrantLock lock = new ReentrantLock(); // not all recommenders are thread-safe

    OfScores(Recommender recommender, BitSet candidates, BatchOptions options) {
      this.recommender = recommender;
      this.candidates = candidates;
      this.options = options;
      this.stride = recommender.vocabulary().size() + 1;
      this.scores = new float[stride * Math.clamp(SCORES / stride, 1, MAX_PREFIXES)];
    }

    @Override
    public List<Best> best(List<Prefix> prefixes) {
      lock.lock();
      try {
        List<Best> found = new ArrayList<>(prefixes.size());
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
            found.add(best.sorted(Best::new));
          }
        }
        return found;
      } finally {
        lock.unlock();
      }
    }
  }
}
