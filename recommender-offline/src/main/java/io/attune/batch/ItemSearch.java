package io.attune.batch;

import io.attune.recommender.Prefix;
import io.attune.recommender.Recommender;
import io.attune.recommender.SparseRecommender;
import io.attune.recommender.SparseScores;
import io.attune.saved.SavedModel;
import io.attune.serving.BeamSearch;
import io.attune.serving.Continuation;
import io.attune.serving.ServingModel;
import io.attune.vector.TopK;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/** Finds what to recommend after prefixes of at least one click. Thread-safe. */
interface ItemSearch extends AutoCloseable {

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
        new VectorSearch(
            engine.items(), new QueryEncoder.BatchEncoder(engine), candidates, options, workers);
      case SavedModel.Incremental incremental -> {
        ServingModel serving = incremental.recommender().model();
        yield new VectorSearch(
            serving.items(),
            new QueryEncoder.ClickByClickEncoder(serving),
            candidates,
            options,
            workers);
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
      int[] excluded = options.excluded(prefix);
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
            int[] excluded = options.excluded(part.get(i));
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
