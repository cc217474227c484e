package io.attune.spark;

import io.attune.batch.BatchOptions;
import io.attune.batch.BatchRecommender;
import io.attune.batch.Candidates;
import io.attune.batch.Recommendations;
import io.attune.batch.Recommendations.Origin;
import io.attune.batch.SessionClicks;
import io.attune.saved.SavedModel;
import io.attune.session.Sessions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/** What the libraries say in one process, as Spark writes its rows. */
final class SingleMachine {
  private SingleMachine() {}

  /** Recommendations as {@code attune recommend} makes them, with a model in plain Java. */
  static List<String> recommend(Path directory, Sessions sessions, BatchOptions options)
      throws IOException {
    List<String> rows = new ArrayList<>();
    try (SavedModel model = SavedModel.openPlain(directory, "model");
        BatchRecommender batch =
            BatchRecommender.of(model, Candidates.all(model.vocabulary()), options, 2)) {
      Sessions known = sessions.recode(model.vocabulary());
      Iterator<Recommendations> made = batch.recommend(SessionClicks.of(known, 0, known.size()));
      while (made.hasNext()) {
        Recommendations each = made.next();
        for (int i = 0; i < each.rows().length; i++) {
          rows.add("[%s,%d,%s,%s,%s]"
              .formatted(
                  each.session(),
                  i + 1,
                  model.vocabulary().id(each.rows()[i]),
                  each.scores()[i],
                  each.origin() == Origin.POPULAR));
        }
      }
    }
    return rows;
  }
}
