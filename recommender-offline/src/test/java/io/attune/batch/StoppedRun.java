package io.attune.batch;

import io.attune.baseline.Baseline;
import io.attune.baseline.BaselineModel;
import io.attune.batch.BatchOptions.Fallback;
import io.attune.saved.SavedModel;
import io.attune.session.Sessions;
import io.attune.session.Vocabulary;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** A program that runs slowly enough to be killed; its only argument is the output. */
final class StoppedRun {
  static final int SESSIONS = 1000;
  static final int PART = 90;

  private StoppedRun() {}

  public static void main(String[] args) throws IOException {
    run(Path.of(args[0]), (done, before) -> {
      try {
        Thread.sleep(20);
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    });
  }

  static BatchRun.Report run(Path out, BatchRun.ProgressListener listener) throws IOException {
    return run(batch(out, Map.of("model", "this")), BatchRun.ExistingParts.RESUME, listener);
  }

  static BatchRun.Report run(
      BatchRun batch, BatchRun.ExistingParts existing, BatchRun.ProgressListener listener)
      throws IOException {
    SavedModel model = BaselineModel.of(Baseline.parse("sr"), batch.sessions()).open();
    BatchOptions options = new BatchOptions(5, true, null, Fallback.POPULAR);
    Candidates all = Candidates.all(model.vocabulary());
    try (BatchRecommender recommender = BatchRecommender.of(model, all, options, 2)) {
      return batch.run(recommender, existing, listener);
    }
  }

  static BatchRun batch(Path out, Map<String, String> provenance) {
    SplittableRandom random = new SplittableRandom(5);
    Vocabulary vocabulary =
        Vocabulary.of(IntStream.rangeClosed(1, 60).mapToObj(i -> "i" + i).toList());
    List<int[]> rows = new ArrayList<>();
    for (int s = 0; s < SESSIONS; s++) {
      rows.add(random.ints(random.nextInt(6), 0, 61).toArray());
    }
    return new BatchRun(out, OutputFormat.of(out), provenance, Sessions.of(vocabulary, rows), PART);
  }
}
