package io.attune.tuning;

import io.attune.model.Manifest;
import io.attune.training.Trainer;
import io.attune.training.TrainingListener;
import io.attune.vector.NotFiniteException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Searches for the configuration that is best on the validation part, by {@link Halving}.
 *
 * <p>A trial is a full training of its configuration, paused at the rungs: the learning rate decays
 * over all epochs, and a promoted trial resumes from its checkpoint. So nothing is trained twice,
 * and training with the best configuration reproduces its reported result. The price: at lower
 * rungs trials are compared while their learning rates are still high, which favours low rates.
 *
 * @param space what candidates are drawn from
 * @param budget when to end
 * @param nanoTime a clock in nanoseconds; with a budget of time, the number of trials depends on it
 * @param training trains a candidate
 * @param listener is notified of the progress
 */
public record Tuner(
    SearchSpace space,
    Budget budget,
    LongSupplier nanoTime,
    CandidateTraining training,
    TuningListener listener) {

  /**
   * The result of a search.
   *
   * @param trials all of them, by number
   * @param best the one to train with
   * @param rungs epochs after which trials were compared
   */
  public record Outcome(List<Trial> trials, Trial best, List<Integer> rungs) {
    public Outcome {
      trials = List.copyOf(trials);
      rungs = List.copyOf(rungs);
    }
  }

  /**
   * Searches, or resumes the search in the directory.
   *
   * @param directory of the journal and the checkpoints
   * @param data SHA-256 of the training and validation data
   * @param seed the seed of {@code random} and of the trainings
   * @param random draws the candidates; not used before
   * @throws TuningException when the budget ends before the first trial does, no trial could be
   *     trained, or the journal is of another search
   */
  public Outcome run(Path directory, String data, long seed, RandomGenerator random)
      throws IOException {
    Halving halving = Halving.of(space.training().from().epochs());
    Journal journal = Journal.open(directory, new Journal.Key(data, seed, halving.rungs(), space));
    return new Run(directory, halving, journal, space.candidates(random).iterator()).run();
  }

  /**
   * Checks, before anything is trained, that a directory can be written to and holds nothing but a
   * search.
   */
  public static void requireDirectory(Path directory) throws IOException {
    Journal.require(directory);
  }

  /** Ends a training whose budget is spent. */
  private static final class OutOfTime extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  /** One search under way. */
  private final class Run {
    private final Path directory;
    private final Halving halving;
    private final Journal journal;
    private final Iterator<Candidate> candidates;
    private final List<Trial> trials = new ArrayList<>();
    private @Nullable Trial best;
    private double spent; // seconds of all results

    Run(Path directory, Halving halving, Journal journal, Iterator<Candidate> candidates) {
      this.directory = directory;
      this.halving = halving;
      this.journal = journal;
      this.candidates = candidates;
    }

    Outcome run() throws IOException {
      for (Journal.Entry entry : journal.entries()) {
        while (trials.size() < entry.trial()) {
          begin();
        }
        arrive(trials.get(entry.trial() - 1), entry.result());
      }
      if (!trials.isEmpty()) {
        listener.onResume(List.copyOf(trials), best);
      }
      for (Optional<Trial> next = next(); next.isPresent(); next = next()) {
        if (!train(next.get())) {
          break;
        }
      }
      if (best == null) {
        String failure = trials.getFirst().results().getLast().failure();
        throw new TuningException("no trial could be trained; the first: " + failure);
      }
      return new Outcome(trials, best, halving.rungs());
    }

    private Trial begin() {
      Trial trial = new Trial(trials.size() + 1, candidates.next(), List.of());
      trials.add(trial);
      return trial;
    }

    /** Records a result; returns whether it is the best so far. */
    private boolean arrive(Trial trial, Trial.Result result) {
      Trial arrived = trial.with(result);
      trials.set(trial.number() - 1, arrived);
      spent += result.seconds();
      Trial before = best;
      best = trials.stream().filter(Trial::isTrained).min(Trial.BEST_FIRST).orElse(null);
      return best != null
          && best.number() == arrived.number()
          && (before == null || Trial.BEST_FIRST.compare(arrived, before) < 0);
    }

    /** The trial to train now; nothing at the end of the budget. */
    private Optional<Trial> next() {
      if (trials.isEmpty()) {
        return Optional.of(begin());
      }
      List<Trial> promotable = halving.promotable(trials);
      return switch (budget) {
        case Budget.Trials most ->
          promotable.isEmpty() && trials.size() < most.count() && candidates.hasNext()
              ? Optional.of(begin())
              : promotable.stream().findFirst();
        case Budget.Time time -> inTime(promotable, left(time));
      };
    }

    /**
     * What still fits the budget: first promotions, then new trials, then trials that can be
     * finished.
     */
    private Optional<Trial> inTime(List<Trial> promotable, double left) {
      Trial first = trials.getFirst();
      if (promotable.contains(first)) {
        return Optional.of(first); // by it the others' time is judged
      }
      Optional<Trial> fitting =
          promotable.stream().filter(trial -> expected(trial) <= left).findFirst();
      if (fitting.isPresent()) {
        return fitting;
      }
      if (promotable.isEmpty() && candidates.hasNext() && first.seconds() <= left) {
        return Optional.of(begin());
      }
      return halving.unfinished(trials).stream()
          .filter(trial -> expected(trial) <= left)
          .findFirst();
    }

    /** Seconds until a trial's next rung, judged by the first trial's. */
    private double expected(Trial trial) {
      List<Trial.Result> known = trials.getFirst().results();
      int rung = trial.results().size();
      if (rung >= known.size()) {
        return known.isEmpty() ? 0 : known.getLast().seconds();
      }
      double before =
          known.subList(0, rung).stream().mapToDouble(Trial.Result::seconds).sum();
      double slower = rung == 0 || before == 0 ? 1 : trial.seconds() / before;
      return known.get(rung).seconds() * slower;
    }

    /** Trains a trial to its next rung; false when the budget ended before. */
    private boolean train(Trial trial) throws IOException {
      int until = halving.rungs().get(trial.results().size());
      long start = nanoTime.getAsLong();
      Clock clock = new Clock(trial, start, left());
      Trial.Result result;
      try {
        Trainer.Selection selection =
            training.train(trial.candidate(), checkpoint(trial), until, clock);
        result = result(selection, until, since(start));
      } catch (NotFiniteException e) {
        String failure = String.valueOf(e.getMessage());
        result = new Trial.Result(until, 0, Map.of(), since(start), true, failure);
      } catch (OutOfTime e) {
        requireFirst(trial, clock);
        return false;
      }
      boolean better = arrive(trial, result);
      journal.add(new Journal.Entry(trial.number(), result));
      listener.onResult(trials.get(trial.number() - 1), better);
      tidy();
      return true;
    }

    /** A budget that ends within the first trial gives nothing to compare with. */
    private void requireFirst(Trial trial, Clock clock) throws TuningException {
      if (trial.number() == 1) {
        double share = clock.done() / space.training().from().epochs();
        double seconds = spent + clock.elapsed();
        throw new TuningException(String.format(
            Locale.ROOT,
            "the budget is too small for one trial: in %.0f s, %.0f %% of the first was trained, so it needs about %.0f s; what is trained so far is kept, and the same search with a larger budget goes on with it",
            seconds,
            100 * share,
            seconds / share));
      }
    }

    private Trial.Result result(Trainer.Selection selection, int until, double seconds) {
      int trained = Math.min(until, selection.epochs().size());
      Optional<Manifest.Epoch> best = selection.best(trained);
      Manifest.Epoch shown = best.orElse(selection.epochs().get(trained - 1));
      return new Trial.Result(
          trained,
          best.map(Manifest.Epoch::epoch).orElse(0),
          shown.validation(),
          seconds,
          selection.over(),
          null);
    }

    private Path checkpoint(Trial trial) {
      return directory.resolve("trial-" + trial.number() + ".checkpoint");
    }

    /**
     * Deletes the checkpoints of trials that are unlikely to be promoted; one that is promoted all
     * the same starts from scratch.
     */
    private void tidy() throws IOException {
      List<Trial> waiting = halving.waiting(trials);
      for (Trial trial : trials) {
        if (!waiting.contains(trial)) {
          Files.deleteIfExists(checkpoint(trial));
        }
      }
    }

    private double since(long start) {
      return (nanoTime.getAsLong() - start) / 1e9;
    }

    /** Seconds left of the budget, or about how long the trials left take; NaN for unknown. */
    private double left() {
      return switch (budget) {
        case Budget.Time time -> left(time);
        case Budget.Trials most -> {
          List<Integer> reaching = halving.reaching(most.count());
          double left = 0;
          for (int rung = 0; rung < reaching.size(); rung++) {
            int at = rung;
            List<Trial.Result> there = trials.stream()
                .filter(trial -> trial.results().size() > at)
                .map(trial -> trial.results().get(at))
                .toList();
            OptionalDouble mean =
                there.stream().mapToDouble(Trial.Result::seconds).average();
            left += Math.max(0, reaching.get(rung) - there.size()) * mean.orElse(Double.NaN);
          }
          yield left;
        }
      };
    }

    private double left(Budget.Time time) {
      return time.most().toNanos() / 1e9 - spent;
    }

    /** Watches the budget while a trial is trained. */
    private final class Clock implements TrainingListener {
      private final Trial trial;
      private final long start;
      private final double left;
      private double done; // epochs

      Clock(Trial trial, long start, double left) {
        this.trial = trial;
        this.start = start;
        this.left = left;
      }

      double elapsed() {
        return since(start);
      }

      double done() {
        return done;
      }

      @Override
      public void onStep(Progress progress) {
        done = progress.epoch() - 1 + (double) progress.done() / progress.targets();
        double still = left - elapsed();
        if (budget instanceof Budget.Time && still < 0) {
          throw new OutOfTime();
        }
        listener.onStep(trial, progress, Math.max(0, still));
      }
    }
  }
}
