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

/** Finds leaks between training data and the test. */
final class LeakFindings {
  private LeakFindings() {}

  /**
   * Finds test data that models were trained on, by their manifests and click counts.
   *
   * @param log the log that the test is a part of
   * @param holdout the part that is tested
   */
  static List<String> ofModels(
      Map<String, SavedModel> models, Sessions log, Holdout holdout, Predictions predictions) {
    List<String> findings = new ArrayList<>();
    String hash = DataHash.of(log);
    models.forEach((name, saved) -> {
      ItemCounts counts = new ItemCounts(saved.vocabulary(), saved.counts());
      if (!saved.isImported()) {
        findings.addAll(LeakChecks.untrainedItems(name, predictions, counts, saved.vocabulary()));
      }
      if (saved instanceof SavedModel.Engine engine) {
        Manifest.Provenance provenance = engine.model().manifest().provenance();
        findings.addAll(ofProvenance(name, provenance, hash, holdout, predictions));
      }
    });
    return findings;
  }

  private static List<String> ofProvenance(
      String name,
      Manifest.Provenance provenance,
      String hash,
      Holdout holdout,
      Predictions predictions) {
    boolean same = provenance.dataHash().equals(hash);
    boolean bothLastClick =
        holdout instanceof Holdout.LastClick && provenance.holdout().equals(holdout.toString());
    if (same && holdout instanceof Holdout.None) {
      return List.of(name + " was trained on this log and nothing is held out: use --holdout");
    }
    if (provenance.lastClick() != null && !bothLastClick) {
      return LeakChecks.olderTargets(name, predictions, Instant.parse(provenance.lastClick()));
    }
    if (same && !provenance.holdout().equals(holdout.toString())) {
      return List.of("%s was trained on this log with --holdout %s, not %s"
          .formatted(name, provenance.holdout(), holdout));
    }
    return List.of();
  }

  /**
   * Finds test data that baselines are trained on.
   *
   * @param ownLog whether they are trained on a log of their own, which no holdout keeps older than
   *     the test
   */
  static List<String> ofBaselines(BaselineData training, boolean ownLog, Predictions predictions) {
    List<String> findings = new ArrayList<>();
    if (ownLog) {
      Instant newest = SessionStatistics.of(training.sessions(), 0).last();
      if (newest != null) {
        findings.addAll(LeakChecks.olderTargets("the baselines", predictions, newest));
      }
      findings.addAll(LeakChecks.duplicateClicks("the training data", training.sessions()));
    }
    findings.addAll(LeakChecks.duplicateSessions(predictions, training.sessions()));
    return findings;
  }
}
