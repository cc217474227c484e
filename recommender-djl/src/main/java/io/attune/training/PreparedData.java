package io.attune.training;

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
import java.util.List;
import java.util.Locale;
import java.util.Map;
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
   * @throws IllegalArgumentException as {@link #of(Sessions, Holdout, Filters, double)}
   */
  static PreparedData of(
      Sessions sessions, Holdout holdout, Filters filters, double validation, ItemTexts items) {
    Split split = holdout.split(sessions);
    Sessions trainable = split.trainable();
    Filters.Filtered filtered =
        filters.train(items.hidden().isEmpty() ? trainable : trainable.without(items.hidden()));
    Sessions all = filtered.sessions();
    if (all.size() < 2 || all.vocabulary().size() < 2) {
      throw new IllegalArgumentException(String.format(
          Locale.ROOT,
          "too little is left to train on: of %d sessions on %d items, those of at least %d clicks on items of at least %d clicks are %d on %d",
          split.trainable().size(),
          sessions.vocabulary().size(),
          filters.minSessionLength(),
          filters.minItemSupport(),
          all.size(),
          all.vocabulary().size()));
    }
    TrainingData data = data(split, filters, all, validation, items.texts());
    return new PreparedData(holdout, filters, split, filtered.steps(), data);
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
    JsonMapper json = JsonMapper.builder().build();
    Sessions all = data.all();
    Instant cut = split.cut();
    Instant last = newest(all);
    Manifest.Provenance provenance = new Manifest.Provenance(
        version,
        dataHash,
        trainer.seed(),
        all.size(),
        all.clicks(),
        holdout.toString(),
        cut == null ? null : cut.toString(),
        last == null ? null : last.toString(),
        json.valueToTree(filters),
        json.valueToTree(trainer.training()));
    List<String> ids = new ArrayList<>(all.vocabulary().ids());
    ids.addAll(data.unclicked());
    Manifest manifest = new Manifest(
        Manifest.FORMAT, trained.encoder(), ids.size(), provenance, trained.epochs(), Map.of());
    return new Model(
        manifest,
        ids.size() == all.vocabulary().size() ? all.vocabulary() : Vocabulary.of(ids),
        Arrays.copyOf(Popularity.counts(all), ids.size()),
        trained.weights());
  }

  /** The time of the newest click, null where there are no times. */
  private static @Nullable Instant newest(Sessions sessions) {
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
