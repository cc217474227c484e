package io.attune.spark;

import io.attune.batch.BatchOptions;
import io.attune.batch.BatchRecommender;
import io.attune.batch.Candidates;
import io.attune.batch.Recommendations;
import io.attune.batch.Recommendations.Origin;
import io.attune.batch.SessionClicks;
import io.attune.evaluation.Predictions;
import io.attune.evaluation.Ranker;
import io.attune.evaluation.Ranks;
import io.attune.saved.SavedModel;
import io.attune.session.Filters;
import io.attune.session.Filters.UnknownItems;
import io.attune.session.Holdout;
import io.attune.session.Sessions;
import io.attune.session.Split;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/** The results of the libraries in one process, formatted like the rows of Spark. */
final class SingleMachine {
  private SingleMachine() {}

  /** A line per session with its id, items and times. */
  static List<String> sessions(Sessions sessions) {
    return IntStream.range(0, sessions.size())
        .mapToObj(session -> {
          StringBuilder line = new StringBuilder(sessions.id(session));
          for (int click = sessions.start(session); click < sessions.end(session); click++) {
            line.append(' ').append(sessions.vocabulary().id(sessions.item(click)));
            line.append(sessions.hasTimes() ? "@" + sessions.time(click) : "");
          }
          return line.toString();
        })
        .sorted()
        .toList();
  }

  /** Recommendations as in {@code attune recommend}, sorted. */
  static List<String> recommend(Path directory, Sessions sessions, BatchOptions options)
      throws IOException {
    List<String> rows = new ArrayList<>();
    try (SavedModel model = SavedModel.openIncremental(directory, "model");
        BatchRecommender batch =
            BatchRecommender.of(model, Candidates.all(model.vocabulary()), options, 2)) {
      Sessions known = sessions.recode(model.vocabulary());
      Iterator<Recommendations> made = batch.recommend(SessionClicks.of(known, 0, known.size()));
      while (made.hasNext()) {
        Recommendations each = made.next();
        for (int i = 0; i < each.rows().length; i++) {
          rows.add(String.format(
              Locale.ROOT,
              "[%s,%d,%s,%s,%s]",
              each.session(),
              i + 1,
              model.vocabulary().id(each.rows()[i]),
              each.scores()[i],
              each.origin() == Origin.POPULAR));
        }
      }
    }
    return rows.stream().sorted().toList();
  }

  /** Ranks as in {@code attune evaluate}. */
  static Ranks evaluate(Path directory, Sessions sessions, EvaluateJob.Protocol protocol)
      throws IOException {
    try (SavedModel model = SavedModel.openIncremental(directory, "model")) {
      Split split = protocol.holdout().split(sessions);
      Sessions test = protocol.holdout() instanceof Holdout.None ? sessions : split.test();
      Sessions filtered = new Filters(protocol.minSessionLength(), 1)
          .test(
              test,
              protocol.unknown() == UnknownItems.MISS ? test.vocabulary() : model.vocabulary(),
              protocol.unknown(),
              split.targets())
          .sessions();
      return new Ranker(protocol.excludeClicked(), 0)
          .rank(model.recommender(), Predictions.of(filtered, split.targets()), done -> {});
    }
  }
}
