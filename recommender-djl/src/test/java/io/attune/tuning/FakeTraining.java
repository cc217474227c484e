package io.attune.tuning;

import io.attune.model.Manifest;
import io.attune.training.Trainer;
import io.attune.training.TrainingListener;
import io.attune.vector.NotFiniteException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * Trains nothing: an epoch is a line in the checkpoint, and the share of its best score that a
 * candidate has after an epoch grows with the epochs.
 */
final class FakeTraining implements CandidateTraining {
  private final ToDoubleFunction<Candidate> score;
  private int left;
  private int trained;
  private long nanos;

  /**
   * A training.
   *
   * @param score of a candidate after its last epoch; NaN where its training fails
   * @param most epochs until it is killed
   */
  FakeTraining(ToDoubleFunction<Candidate> score, int most) {
    this.score = score;
    this.left = most;
  }

  static final class Killed extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  /** Epochs trained in all. */
  int trained() {
    return trained;
  }

  /** A clock on which an epoch takes ten seconds. */
  long nanoTime() {
    return nanos;
  }

  @Override
  public Trainer.Selection train(
      Candidate candidate, Path checkpoint, int until, TrainingListener listener)
      throws IOException {
    int total = candidate.training().epochs();
    double best = score.applyAsDouble(candidate);
    int done = Files.exists(checkpoint) ? Files.readAllLines(checkpoint).size() : 0;
    while (done < until) {
      if (left-- == 0) {
        throw new Killed();
      }
      if (Double.isNaN(best)) {
        throw new NotFiniteException("the gradient is no number");
      }
      trained++;
      nanos += 10_000_000_000L;
      listener.onStep(new TrainingListener.Progress("select", done + 1, until, 100, 100, 1, 10));
      done++;
      Files.writeString(checkpoint, "epoch\n".repeat(done));
    }
    List<Manifest.Epoch> epochs = new ArrayList<>();
    for (int epoch = 1; epoch <= done; epoch++) {
      double reached = best * epoch / total;
      epochs.add(
          new Manifest.Epoch("select", epoch, 1, Map.of(Trainer.CRITERION.name(), reached), 10));
    }
    return new Trainer.Selection(epochs, 1, done == total);
  }
}
