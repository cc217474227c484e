package io.attune.evaluation;

import io.attune.model.Manifest;
import io.attune.saved.SavedModel;
import io.attune.session.DataHash;
import io.attune.session.Holdout;
import io.attune.session.SessionStatistics;
import io.attune.session.Sessions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Finds what makes a test easier than the future would be: training that has seen some of it. */
final class LeakFindings {
  private LeakFindings() {}

  /**
   * What models have seen of the test, as far as their manifests say.
   *
   * @param log of which the test is a part
   * @param holdout which part
   */
  static List<String> ofModels(
      Map<String, SavedModel> models, Sessions log, Holdout holdout, Predictions predictions) {
    List<String> findings = new ArrayList<>();
    String hash = DataHash.of(log);
    models.forEach((name, saved) -> {
      ItemCounts own = new ItemCounts(saved.vocabulary(), saved.counts());
      findings.addAll(LeakChecks.untrained(name, predictions, own, saved.vocabulary()));
      if (saved instanceof SavedModel.Engine engine) {
        Manifest.Provenance made = engine.model().manifest().provenance();
        findings.addAll(ofProvenance(name, made, hash, holdout, predictions));
      }
    });
    return findings;
  }

  private static List<String> ofProvenance(
      String name,
      Manifest.Provenance made,
      String hash,
      Holdout holdout,
      Predictions predictions) {
    boolean same = made.dataHash().equals(hash);
    boolean bothLastClick =
        holdout instanceof Holdout.LastClick && made.holdout().equals(holdout.toString());
    if (same && holdout instanceof Holdout.None) {
      return List.of(name + " was trained on this very log and nothing is held out: use --holdout");
    }
    if (made.lastClick() != null && !bothLastClick) {
      return LeakChecks.older(name, predictions, Instant.parse(made.lastClick()));
    }
    if (same && !made.holdout().equals(holdout.toString())) {
      return List.of("%s was trained on this very log with --holdout %s, not %s"
          .formatted(name, made.holdout(), holdout));
    }
    return List.of();
  }

  /**
   * What baselines have seen of the test.
   *
   * @param apart whether they are a log of their own, so that no holdout keeps them older than the
   *     test
   */
  static List<String> ofBaselines(BaselineData training, boolean apart, Predictions predictions) {
    List<String> findings = new ArrayList<>();
    if (apart) {
      Instant newest = SessionStatistics.of(training.sessions(), 0).last();
      if (newest != null) {
        findings.addAll(LeakChecks.older("--train", predictions, newest));
      }
      findings.addAll(LeakChecks.copies("--train", training.sessions()));
    }
    findings.addAll(LeakChecks.duplicates(predictions, training.sessions()));
    return findings;
  }
}
