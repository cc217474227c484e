package io.attune.cli;

import io.attune.evaluation.Figures;
import io.attune.serving.ServingModel;
import io.attune.serving.SessionVector;
import io.attune.session.Vocabulary;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Option;

/** Options for a model and the clicks of one session. */
final class SessionMixin {
  @Option(
      names = "--model",
      paramLabel = "MODEL",
      required = true,
      description = "The directory of the model.")
  @FileUse(FileUse.Kind.READ_MODEL)
  private Path model = Path.of("");

  @Option(
      names = "--session",
      paramLabel = "ID,ID,...",
      split = ",",
      required = true,
      description = "The ids of the clicked items, oldest first.")
  private List<String> clicks = List.of();

  /** Opens the model for serving. */
  ServingModel model() throws IOException, CommandFailure {
    try {
      return ServingModel.open(model);
    } catch (UnsupportedOperationException e) {
      throw new CommandFailure(model + ": " + e.getMessage());
    }
  }

  /** The encoded session; prints a warning about clicks that the model does not know. */
  SessionVector vector(ServingModel served, Console console) {
    List<String> ids = ids();
    List<String> unknown = ids.stream()
        .filter(id -> served.vocabulary().row(id) == Vocabulary.UNKNOWN)
        .toList();
    if (!unknown.isEmpty()) {
      console.warn("the model does not know %s of %s: %s"
          .formatted(
              unknown.size(), Figures.count(ids.size(), "click"), String.join(", ", unknown)));
    }
    return served.vector(ids);
  }

  /** The ids of the clicks. */
  List<String> ids() {
    return clicks.stream().map(String::strip).filter(id -> !id.isEmpty()).toList();
  }
}
