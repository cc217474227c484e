package io.attune.training;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.attune.model.Manifest;
import io.attune.model.Model;
import io.attune.recommender.Popularity;
import io.attune.session.Filters;
import io.attune.session.Filters.UnknownItems;
import io.attune.session.Holdout;
import io.attune.session.Sessions;
import io.attune.session.Split;
import io.attune.session.Split.Targets;
import io.attune.session.Vocabulary;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * The sessions of a log, prepared for training: the test part is held out, the rest is filtered,
 * which defines the vocabulary, and a validation part is held back.
 *
 * <p>Under leave-one-out the filters see all but the test targets, and the validation part is the
 * validation target of each session; otherwise it is the newest sessions, or of histories the
 * newest clicks.
 *
 * @param holdout what was held out
 * @param filters how the rest was filtered
 * @param split how the holdout divided the sessions
 * @param steps what each step of the filters dropped
 * @param data the parts of a training
 */
public record PreparedData(
    Holdout holdout, Filters filters, Split split, List<Filters.Step> steps, TrainingData data) {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  public PreparedData {
    steps = List.copyOf(steps);
  }

  /**
   * Prepares sessions.
   *
   * @param validation share of the training sessions held back to choose the epoch, 0 for none
   * @throws IllegalArgumentException when too little is left, or the holdout is one in time and the
   *     clicks have no times; the message says which
   */
  public static PreparedData of(
      Sessions sessions, Holdout holdout, Filters filters, double validation) {
    return of(sessions, holdout, filters, validation, ItemTexts.NONE);
  }

  /**
   * Prepares sessions on items with texts.
   *
   * @param validation as in {@link #of(Sessions, Holdout, Filters, double)}
   * @param items their texts; clicks on those that are hidden are left out
   * @throws IllegalArgumentException as {@link #of(Sessions, Holdout, Filters, double)}, and when
   *     there are texts, but of none of the items to train on
   */
  static PreparedData of(
      Sessions sessions, Holdout holdout, Filters filters, double validation, ItemTexts items) {
    Split split = holdout.split(sessions);
    Sessions trainable = split.trainable();
    Filters.Filtered filtered =
        filters.train(items.hidden().isEmpty() ? trainable : trainable.without(items.hidden()));
    requireEnough(split, filters, filtered.sessions());
    requireTexts(items, filtered.sessions().vocabulary());
    TrainingData data = data(split, filters, filtered.sessions(), validation, items.texts());
    return new PreparedData(holdout, filters, split, filtered.steps(), data);
  }

  /**
   * Prepares a log for a training that goes on from a model: with the sessions that go on after its
   * newest click, or all where times are not known, and some of the others again. The model's items
   * keep their rows, and new ones follow; their support is counted in the whole log.
   *
   * @param log unfiltered; what the model was trained on may be in it again, or not
   * @param made the model's provenance
   * @param items the model's
   * @param dropUnclicked whether items of the model are dropped that the log does not contain; the
   *     rows of those behind them change then
   * @param replay how many of the other sessions are trained again, by the number of new ones
   * @param seed of the choice of these
   * @throws IllegalArgumentException as {@link #of}, and when nothing is new
   */
  static PreparedData following(
      Sessions log,
      Manifest.Provenance made,
      Vocabulary items,
      boolean dropUnclicked,
      double replay,
      Holdout holdout,
      Filters filters,
      long seed) {
    Split split = holdout.split(log);
    Vocabulary known = dropUnclicked ? clicked(items, split.trainable()) : items;
    Filters.Filtered filtered = filters.train(split.trainable(), known);
    Sessions all = filtered.sessions();
    int[] fresh = Parent.fresh(made, all);
    if (fresh.length == 0 && all.size() > 0) {
      throw new IllegalArgumentException("there is nothing new to train on: the model knows the"
          + " clicks until " + made.lastClick() + ", and no session of the log that is left goes on"
          + " after that");
    }
    requireEnough(split, filters, all);
    int[] again = drawn(all.size(), fresh, replay, seed);
    Sessions trained = all.select(
        IntStream.concat(IntStream.of(again), IntStream.of(fresh)).sorted().toArray());
    Sessions none = all.select(new int[0]);
    TrainingData data = new TrainingData(all, trained, none, split.targets());
    return new PreparedData(holdout, filters, split, filtered.steps(), data);
  }

  private static Vocabulary clicked(Vocabulary items, Sessions sessions) {
    long[] clicks = Popularity.counts(sessions);
    int[] rows = items.rowsIn(sessions.vocabulary());
    return Vocabulary.of(IntStream.rangeClosed(1, items.size())
        .filter(row -> rows[row] != Vocabulary.UNKNOWN && clicks[rows[row] - 1] > 0)
        .mapToObj(items::id)
        .toList());
  }

  /** Draws from the sessions that are not new. */
  private static int[] drawn(int sessions, int[] fresh, double replay, long seed) {
    List<Integer> others = new ArrayList<>(IntStream.range(0, sessions)
        .filter(session -> Arrays.binarySearch(fresh, session) < 0)
        .boxed()
        .toList());
    Collections.shuffle(others, new SplittableRandom(Seeds.of(seed, Seeds.Purpose.REPLAY, 0)));
    long wanted = Math.round(replay * fresh.length);
    return others.stream().limit(wanted).mapToInt(session -> session).toArray();
  }

  private static void requireTexts(ItemTexts items, Vocabulary trained) {
    if (!items.texts().isEmpty() && trained.ids().stream().noneMatch(items.texts()::containsKey)) {
      throw new IllegalArgumentException(String.format(
          Locale.ROOT,
          "none of the %,d items to train on has a text, so nothing can be learned from texts: their"
              + " ids, such as '%s', must be those of the log, such as '%s'",
          trained.size(),
          items.texts().keySet().stream().min(Comparator.naturalOrder()).orElse(""),
          trained.id(1)));
    }
  }

  private static void requireEnough(Split split, Filters filters, Sessions all) {
    if (all.size() < 2 || all.vocabulary().size() < 2) {
      throw new IllegalArgumentException(String.format(
          Locale.ROOT,
          "too little is left to train on: of %d sessions on %d items, those of at least %d clicks on items of at least %d clicks are %d on %d",
          split.trainable().size(),
          split.trainable().vocabulary().size(),
          filters.minSessionLength(),
          filters.minItemSupport(),
          all.size(),
          all.vocabulary().size()));
    }
  }

  private static TrainingData data(
      Split split, Filters filters, Sessions all, double validation, Map<String, String> texts) {
    if (validation == 0) {
      return new TrainingData(all, all, all.select(new int[0]), split.targets(), texts);
    }
    Sessions lastClicks = split.validation();
    if (lastClicks == null) {
      Split.Validated parts = Split.validationPart(all, validation);
      return new TrainingData(all, parts.train(), parts.validation(), parts.targets(), texts);
    }
    Vocabulary vocabulary = all.vocabulary();
    return new TrainingData(
        all,
        filters
            .test(split.train(), vocabulary, UnknownItems.DROP, new Targets.AfterFirst())
            .sessions(),
        filters.test(lastClicks, vocabulary, UnknownItems.MISS, split.targets()).sessions(),
        split.targets(),
        texts);
  }

  /**
   * The model of a training on this data.
   *
   * @param trainer who trained
   * @param trained what came out
   * @param dataHash SHA-256 of the log's content
   * @param version of Attune
   */
  public Model model(Trainer trainer, Trainer.Trained trained, String dataHash, String version) {
    Sessions all = data.all();
    Model parent = trainer.parent();
    long[] counts = Popularity.counts(all);
    int sessions = all.size();
    int clicks = all.clicks();
    JsonNode training = JSON.valueToTree(trainer.training());
    Manifest.Growth growth = null;
    if (parent != null) {
      Manifest.Provenance made = parent.manifest().provenance();
      growth = growth(parent, training);
      training = made.training();
      sessions = made.sessions() + growth.sessions();
      clicks = made.clicks() + growth.clicks();
      long[] before = Parent.counts(parent, all.vocabulary());
      long[] since = Parent.freshClicks(made, all);
      Arrays.setAll(counts, i -> before[i] + since[i]);
    }
    Instant cut = split.cut();
    Instant last = newest(all);
    Manifest.Provenance provenance = new Manifest.Provenance(
        version,
        dataHash,
        trainer.seed(),
        sessions,
        clicks,
        holdout.toString(),
        cut == null ? null : cut.toString(),
        last == null ? null : last.toString(),
        JSON.valueToTree(filters),
        training,
        growth,
        null);
    Manifest manifest = new Manifest(
        Manifest.FORMAT,
        trained.encoder(),
        all.vocabulary().size(),
        provenance,
        trained.epochs(),
        Map.of());
    Map<String, String> unclicked = new LinkedHashMap<>();
    data.unclicked().forEach(id -> unclicked.put(id, data.texts().getOrDefault(id, "")));
    return new Model(manifest, all.vocabulary(), counts, trained.weights()).withItems(unclicked);
  }

  private Manifest.Growth growth(Model parent, JsonNode training) {
    Manifest.Provenance made = parent.manifest().provenance();
    Sessions all = data.all();
    long newItems = IntStream.of(all.vocabulary().rowsIn(parent.vocabulary()))
        .skip(1) // padding
        .filter(row -> row == Vocabulary.UNKNOWN)
        .count();
    int fresh = Parent.fresh(made, all).length;
    return new Manifest.Growth(
        Parent.version(parent),
        made.dataHash(),
        made.growth() == null ? 1 : made.growth().generation() + 1,
        fresh,
        Math.toIntExact(LongStream.of(Parent.freshClicks(made, all)).sum()),
        data.train().size() - fresh,
        (int) newItems,
        training);
  }

  /** The time of the newest click, null where there are no times. */
  static @Nullable Instant newest(Sessions sessions) {
    if (!sessions.hasTimes()) {
      return null;
    }
    long newest = Long.MIN_VALUE;
    for (int session = 0; session < sessions.size(); session++) {
      for (int click = sessions.start(session); click < sessions.end(session); click++) {
        newest = Math.max(newest, sessions.time(click));
      }
    }
    return newest == Long.MIN_VALUE ? null : Instant.ofEpochMilli(newest);
  }
}
