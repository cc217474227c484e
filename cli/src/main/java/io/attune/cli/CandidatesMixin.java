package io.attune.cli;

import io.attune.batch.Candidates;
import io.attune.evaluation.Figures;
import io.attune.lucene.ItemIndex;
import io.attune.saved.SavedModel;
import io.attune.session.Vocabulary;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Options for the items that may be recommended. */
final class CandidatesMixin {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @Option(
      names = "--candidates",
      paramLabel = "FILE",
      description = "Recommend only these items: a file with an id per line, plain or compressed.")
  @FileUse(FileUse.Kind.READ_FILE)
  private @Nullable Path file;

  @Option(
      names = "--items",
      paramLabel = "ITEMS",
      description = "A file of items, as for attune index, with the fields of --filter. Those that"
          + " came after training are recommended by their words if the model was trained with"
          + " texts.")
  @FileUse(FileUse.Kind.READ_FILE)
  private @Nullable Path items;

  @Option(
      names = "--filter",
      paramLabel = "FIELD=VALUE",
      description = "Recommend only items whose field has this value. Several values of one field"
          + " are alternatives; several fields must all match.")
  private List<String> filters = List.of();

  /** The allowed values of each field. */
  private Map<String, Set<String>> fields() {
    Map<String, Set<String>> fields = new LinkedHashMap<>();
    for (String filter : filters) {
      int sign = filter.indexOf('=');
      if (sign < 1) {
        throw usage("--filter must be FIELD=VALUE such as brand=acme, but is '" + filter + "'");
      }
      fields
          .computeIfAbsent(filter.substring(0, sign).strip(), field -> new LinkedHashSet<>())
          .add(filter.substring(sign + 1).strip());
    }
    return fields;
  }

  /** Checks the options before anything is read. */
  void check() {
    if (!filters.isEmpty() && items == null) {
      throw usage("--filter needs --items=ITEMS, the file with the fields");
    }
    fields();
  }

  /** What is written about items, by id; empty without a file of items. */
  Map<String, String> texts() throws IOException, CommandFailure {
    return items == null ? Map.of() : ItemsFile.texts(items);
  }

  /** Refuses a file of items that changes nothing. */
  void requireUse(SavedModel model) throws CommandFailure {
    if (items != null && filters.isEmpty() && !model.readsTexts()) {
      throw new CommandFailure(
          "--items: the model was trained without texts, so it cannot recommend"
              + " items that it does not know: train it with --items, or name a --filter=FIELD=VALUE");
    }
  }

  /** The candidates in a vocabulary; prints their number and that of unknown ones. */
  Candidates of(Vocabulary vocabulary, Console console) throws IOException, CommandFailure {
    if (file == null && filters.isEmpty()) {
      return Candidates.all(vocabulary);
    }
    Set<String> ids = null;
    if (file != null) {
      ids = lines(file);
    }
    if (items != null && !filters.isEmpty()) {
      Set<String> matching = matching(items, fields());
      if (ids == null) {
        ids = matching;
      } else {
        ids.retainAll(matching);
      }
    }
    Candidates candidates = Candidates.of(vocabulary, ids == null ? Set.of() : ids);
    console.line("candidates: %s of %s; %s unknown to the model"
        .formatted(
            Figures.count(candidates.rows().length),
            Figures.count(vocabulary.size(), "item"),
            Figures.count(candidates.unknown(), "candidate")));
    if (candidates.rows().length == 0) {
      throw new CommandFailure("nothing to recommend: the model knows none of the candidates");
    }
    return candidates;
  }

  private static Set<String> lines(Path file) throws IOException {
    Set<String> ids = new LinkedHashSet<>();
    try (BufferedReader reader =
        new BufferedReader(new InputStreamReader(ItemsFile.open(file), StandardCharsets.UTF_8))) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        if (!line.isBlank()) {
          ids.add(line.strip());
        }
      }
    }
    return ids;
  }

  private static Set<String> matching(Path file, Map<String, Set<String>> fields)
      throws IOException, CommandFailure {
    Set<String> ids = new LinkedHashSet<>();
    Set<String> known = new TreeSet<>();
    for (ItemIndex.Item item : ItemsFile.read(file)) {
      known.addAll(item.texts().keySet());
      if (fields.entrySet().stream().allMatch(field -> {
        String text = item.texts().get(field.getKey());
        return text != null && field.getValue().contains(text.strip());
      })) {
        ids.add(item.id());
      }
    }
    for (String field : fields.keySet()) {
      if (!known.contains(field)) {
        throw new CommandFailure("%s: no item has the field '%s'; the fields are %s"
            .formatted(file, field, String.join(", ", known)));
      }
    }
    return ids;
  }

  private ParameterException usage(String message) {
    return WrongUsage.of(command, message);
  }
}
