package io.attune.cli;

import io.attune.evaluation.Figures;
import io.attune.incremental.SessionState;
import io.attune.log.TimeParser;
import io.attune.model.Model;
import io.attune.serving.Click;
import io.attune.serving.ServingModel;
import io.attune.serving.SessionVector;
import io.attune.session.Vocabulary;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

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
  private List<String> items = List.of();

  @Option(
      names = "--times",
      paramLabel = "TIME,TIME,...",
      split = ",",
      description = "The time of each click, as in a log: seconds, milliseconds or ISO 8601."
          + " Encoders that look at times need them, such as to tell visits apart.")
  private List<String> times = List.of();

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  /** Opens the model for serving. */
  ServingModel model() throws IOException, CommandFailure {
    return model(Model.open(model));
  }

  /** Opens the model without its weights. */
  Model.ModelHeader header() throws IOException {
    return Model.open(model);
  }

  /** Opens the model of a header for serving. */
  ServingModel model(Model.ModelHeader header) throws IOException, CommandFailure {
    try {
      return ServingModel.open(header);
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
    SessionState state = served.encoder().start();
    clicks().forEach(click -> served.advance(state, click));
    return served.vector(state);
  }

  /** The clicks, with their times if these are given. */
  List<Click> clicks() {
    List<String> ids = ids();
    if (times.isEmpty()) {
      return ids.stream().map(Click::of).toList();
    }
    if (times.size() != ids.size()) {
      throw WrongUsage.of(
          command,
          "--times must have a time for each of " + ids.size() + " clicks, not " + times.size());
    }
    try {
      List<Click> timed = new ArrayList<>();
      for (int i = 0; i < ids.size(); i++) {
        timed.add(new Click(ids.get(i), TimeParser.milliseconds(times.get(i))));
      }
      return timed;
    } catch (IllegalArgumentException e) {
      throw WrongUsage.of(command, e);
    }
  }

  /** The ids of the clicks. */
  List<String> ids() {
    return items.stream().map(String::strip).filter(id -> !id.isEmpty()).toList();
  }
}
