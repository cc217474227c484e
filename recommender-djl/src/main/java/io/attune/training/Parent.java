package io.attune.training;

import io.attune.model.DriftConfig;
import io.attune.model.EncoderConfig;
import io.attune.model.EnsembleConfig;
import io.attune.model.Manifest;
import io.attune.model.Model;
import io.attune.session.Sessions;
import io.attune.session.Split;
import io.attune.session.Vocabulary;
import io.attune.vector.Tensor;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The model that a training goes on from, beside the log that it goes on with. What the log has
 * after the model's newest click is new; where times are not known, all of it is.
 *
 * @param weights of a single encoder, with its tables in the model's rows and without popularity
 *     drift
 * @param rows (V + 1): the model's row of each item of the log; 0 for an item that is new
 * @param counts (V): how often each item was clicked in what the model was trained on, row 1 first
 * @param sessions number of sessions, of the model and new ones
 */
record Parent(Map<String, Tensor> weights, int[] rows, long[] counts, int sessions) {

  /**
   * A model of a single encoder.
   *
   * @param log in whose vocabulary the model's items are
   */
  static Parent of(Model model, Sessions log) {
    Manifest.Provenance made = model.manifest().provenance();
    Map<String, Tensor> weights = model.manifest().encoder() instanceof DriftConfig drift
        ? drift.split(model.weights())
        : model.weights();
    return new Parent(
        weights,
        log.vocabulary().rowsIn(model.vocabulary()),
        counts(model, log.vocabulary()),
        made.sessions() + fresh(made, log).length);
  }

  /** A model of one of the encoders of an ensemble. */
  static Model part(Model model, boolean ofFirst) {
    EnsembleConfig ensemble = (EnsembleConfig) model.manifest().encoder();
    EncoderConfig part = ofFirst ? ensemble.first() : ensemble.second();
    Manifest whole = model.manifest();
    Manifest manifest = new Manifest(
        whole.format(), part, whole.items(), whole.provenance(), whole.epochs(), whole.files());
    return new Model(
        manifest, model.vocabulary(), model.counts(), ensemble.split(model.weights(), ofFirst));
  }

  /** The version of a model, also of one that was not saved. */
  static String version(Model model) {
    return model.version().isEmpty() ? model.versionIfSaved() : model.version();
  }

  /** The model's counts of the items of a vocabulary: (V), row 1 first. */
  static long[] counts(Model model, Vocabulary vocabulary) {
    int[] rows = vocabulary.rowsIn(model.vocabulary());
    long[] counts = new long[vocabulary.size()];
    Arrays.setAll(
        counts, i -> rows[i + 1] == Vocabulary.UNKNOWN ? 0 : model.counts()[rows[i + 1] - 1]);
    return counts;
  }

  /** The sessions of a log that go on after the newest click of a model: indexes, ascending. */
  static int[] fresh(Manifest.Provenance made, Sessions log) {
    Instant last = last(made, log);
    return IntStream.range(0, log.size())
        .filter(session -> isAfter(last, log, log.end(session) - 1))
        .toArray();
  }

  /** How often each item was clicked after the newest click of a model: (V), row 1 first. */
  static long[] freshClicks(Manifest.Provenance made, Sessions log) {
    Instant last = last(made, log);
    long[] clicks = new long[log.vocabulary().size()];
    for (int session = 0; session < log.size(); session++) {
      for (int click = log.start(session); click < log.end(session); click++) {
        if (log.item(click) != Vocabulary.UNKNOWN && isAfter(last, log, click)) {
          clicks[log.item(click) - 1]++;
        }
      }
    }
    return clicks;
  }

  /** The new clicks of a log as what is to be predicted, each from all clicks before it. */
  static TrainingData tested(Manifest.Provenance made, Sessions log) {
    Instant last = last(made, log);
    Split.Targets targets =
        last == null ? new Split.Targets.AfterFirst() : new Split.Targets.From(last.plusMillis(1));
    return new TrainingData(log, log, log.select(fresh(made, log)), targets);
  }

  /** The time up to which the model knows the log; null where it is not known. */
  private static @Nullable Instant last(Manifest.Provenance made, Sessions log) {
    return made.lastClick() == null || !log.hasTimes() ? null : Instant.parse(made.lastClick());
  }

  private static boolean isAfter(@Nullable Instant last, Sessions log, int click) {
    return last == null || log.time(click) > last.toEpochMilli();
  }

  /**
   * How often each item was clicked in what the weights will have been learned from: the model's
   * clicks and those that are trained now count half each.
   *
   * @param trained (V): the clicks that are trained now, row 1 first
   * @return (V), in all about as many as these
   */
  long[] learned(long[] trained) {
    double before = Math.max(1, Arrays.stream(counts).sum());
    double now = Arrays.stream(trained).sum();
    long[] learned = new long[counts.length];
    Arrays.setAll(learned, i -> Math.round((counts[i] / before * now + trained[i]) / 2));
    return learned;
  }

  /**
   * Takes over the model's rows of a table, and places new items among them.
   *
   * @param table its name
   * @param vectors (V + 1, D): what new rows begin with; changed in place
   * @param length of each row; 0 leaves the model's as they are
   * @throws IllegalArgumentException when the model lacks the table, or it has another shape
   */
  void place(String table, float[] vectors, Cooccurrence meetings, double length) {
    int dimension = vectors.length / rows.length;
    long known = 1L + Arrays.stream(rows).max().orElse(0);
    Tensor values = tensor(table);
    if (values.shape().length != 2 || values.shape()[1] != dimension || values.shape()[0] < known) {
      throw new IllegalArgumentException("the model's table " + table + " should be of " + dimension
          + " columns and at least " + known + " rows, not of shape "
          + Arrays.toString(values.shape()));
    }
    boolean[] placed = new boolean[rows.length];
    for (int row = 1; row < rows.length; row++) {
      if (rows[row] != Vocabulary.UNKNOWN) {
        placed[row] = true;
        System.arraycopy(
            values.values(), rows[row] * dimension, vectors, row * dimension, dimension);
      }
    }
    meetings.place(vectors, placed, length);
  }

  /**
   * The weights of a training that went on, in which items that still nobody has clicked have the
   * vectors that their words gave them. Training brings all rows to one length, and would make
   * these longer than they may be.
   *
   * @param trained with tables in the rows of the log, with popularity drift or without
   * @param clicks (V): of the log, row 1 first
   */
  Map<String, Tensor> withUnclicked(Map<String, Tensor> trained, long[] clicks) {
    int[] unclicked = IntStream.range(1, rows.length)
        .filter(
            row -> rows[row] != Vocabulary.UNKNOWN && counts[row - 1] == 0 && clicks[row - 1] == 0)
        .toArray();
    Map<String, Tensor> all = new LinkedHashMap<>(trained);
    for (String name :
        unclicked.length == 0 ? List.<String>of() : List.of(Model.ITEMS, Model.INPUTS)) {
      all.computeIfPresent(name, (n, table) -> {
        Tensor before = tensor(name);
        int dimension = (int) before.shape()[1];
        int width = (int) table.shape()[1];
        float[] values = table.values().clone();
        for (int row : unclicked) {
          System.arraycopy(before.values(), rows[row] * dimension, values, row * width, dimension);
        }
        return new Tensor(table.shape(), values);
      });
    }
    return all;
  }

  /**
   * A weight of the model.
   *
   * @throws IllegalArgumentException when it lacks the weight
   */
  Tensor tensor(String name) {
    Tensor tensor = weights.get(name);
    if (tensor == null) {
      throw new IllegalArgumentException("the model to go on from has no weight " + name);
    }
    return tensor;
  }
}
