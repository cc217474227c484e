package io.attune.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.attune.baseline.Baseline;
import io.attune.model.EncoderConfig;
import io.attune.training.Preset;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * The page of all options and configuration keys: options as the parser knows them, keys and
 * defaults from the records, and what a key means from the Javadoc of its component.
 */
final class OptionsPage {
  private static final YAMLMapper YAML = new YAMLMapper();
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern PARAM =
      Pattern.compile("@param (\\w+)\\s(.*?)(?=@param |@return|@throws|$)", Pattern.DOTALL);
  private static final Pattern VARIABLE = Pattern.compile("(?m)^# {3}([A-Z_]+) +(\\S.*)$");

  private final StringBuilder page = new StringBuilder();

  private OptionsPage() {}

  /** The page as Markdown. */
  static String render() throws IOException {
    OptionsPage options = new OptionsPage();
    options.line("# Options and configuration keys");
    options.line("");
    options.line("Generated from the code by `OptionsPageTest`; do not edit. The [guide](guide.md)"
        + " says when to use what.");
    options.commands();
    options.configuration();
    options.baselines();
    options.environment();
    return options.page.toString();
  }

  private void line(String line) {
    page.append(line).append('\n');
  }

  private void heading(String heading) {
    line("");
    line(heading);
    line("");
  }

  private void table(String... header) {
    row(header);
    line("|---".repeat(header.length) + "|");
  }

  private void row(String... cells) {
    line(Arrays.stream(cells)
        .map(cell -> cell.replace("|", "\\|"))
        .collect(Collectors.joining(" | ", "| ", " |")));
  }

  private static String code(String text) {
    return text.isEmpty() ? "" : "`" + text + "`";
  }

  // Commands

  private void commands() {
    PrintWriter nowhere = new PrintWriter(Writer.nullWriter());
    CommandLine attune = Attune.commandLine(nowhere, nowhere);
    Map<String, List<CommandSpec>> shared = shared(attune);
    heading("## Commands");
    line("Exit codes: "
        + attune.getCommandSpec().usageMessage().exitCodeList().entrySet().stream()
            .map(code -> code.getKey() + " " + code.getValue())
            .collect(Collectors.joining(", "))
        + ". All commands have `--help`, `--version` and `--debug`, which shows the stack trace of"
        + " every failure.");
    for (CommandLine command : attune.getSubcommands().values()) {
      command(command, shared);
    }
    for (Map.Entry<String, List<CommandSpec>> mixin : shared.entrySet()) {
      heading("### " + title(mixin.getKey()));
      options(args(mixin.getValue().getFirst(), Set.of()));
    }
  }

  /** Mixins of several commands by their class, in the order in which commands use them. */
  private static Map<String, List<CommandSpec>> shared(CommandLine attune) {
    Map<String, List<CommandSpec>> shared = new LinkedHashMap<>();
    for (CommandLine command : attune.getSubcommands().values()) {
      mixins(command.getCommandSpec())
          .forEach((name, mixin) ->
              shared.computeIfAbsent(name, each -> new ArrayList<>()).add(mixin));
    }
    shared.values().removeIf(uses -> uses.size() < 2);
    return shared;
  }

  private static Map<String, CommandSpec> mixins(CommandSpec command) {
    Map<String, CommandSpec> mixins = new LinkedHashMap<>();
    command.mixins().values().stream()
        .filter(mixin -> mixin.userObject().getClass().getName().startsWith("io.attune."))
        .forEach(mixin -> mixins.put(mixin.userObject().getClass().getSimpleName(), mixin));
    return mixins;
  }

  /** Such as {@code Log options} for {@code LogMixin}. */
  private static String title(String mixin) {
    return mixin.replaceFirst("Mixin$", "") + " options";
  }

  private void command(CommandLine command, Map<String, List<CommandSpec>> shared) {
    CommandSpec spec = command.getCommandSpec();
    heading("### attune " + spec.name());
    line(String.join(" ", spec.usageMessage().description()));
    line("");
    line("```");
    synopsis(command).lines().forEach(this::line);
    line("```");
    Set<String> elsewhere = new LinkedHashSet<>();
    List<String> links = new ArrayList<>();
    mixins(spec).forEach((name, mixin) -> {
      if (shared.containsKey(name)) {
        args(mixin, Set.of()).forEach(arg -> elsewhere.add(name(arg)));
        String title = title(name);
        links.add("[" + title + "](#" + title.toLowerCase(Locale.ROOT).replace(' ', '-') + ")");
      }
    });
    List<ArgSpec> own = args(spec, elsewhere);
    if (!own.isEmpty()) {
      line("");
      options(own);
    }
    if (!links.isEmpty()) {
      line("");
      line("Also: " + String.join(", ", links) + ".");
    }
  }

  /** The command's own synopsis, or what it cannot do without. */
  private static String synopsis(CommandLine command) {
    CommandSpec spec = command.getCommandSpec();
    if (spec.usageMessage().customSynopsis().length > 0) {
      return String.join("\n", spec.usageMessage().customSynopsis());
    }
    return Stream.concat(
            args(spec, Set.of()).stream()
                .filter(arg -> arg.required() || !arg.isOption())
                .map(OptionsPage::usage),
            Stream.of("[OPTION]..."))
        .collect(Collectors.joining(" ", "attune " + spec.name() + " ", ""));
  }

  /** An option with its value, or a parameter. */
  private static String usage(ArgSpec arg) {
    boolean alone = !arg.isOption() || arg.arity().max() == 0;
    return alone ? name(arg) : name(arg) + " " + arg.paramLabel();
  }

  private static List<ArgSpec> args(CommandSpec spec, Set<String> but) {
    List<ArgSpec> args = new ArrayList<>(spec.positionalParameters());
    args.addAll(spec.options());
    args.removeIf(arg -> but.contains(name(arg)) || arg.inherited() || isHelp(arg));
    return args;
  }

  private static boolean isHelp(ArgSpec arg) {
    return arg instanceof OptionSpec option && (option.usageHelp() || option.versionHelp());
  }

  private static String name(ArgSpec arg) {
    return arg instanceof OptionSpec option
        ? option.longestName()
        : ((PositionalParamSpec) arg).paramLabel();
  }

  private void options(List<ArgSpec> args) {
    table("option", "what");
    for (ArgSpec arg : args) {
      row(code(usage(arg)), String.join(" ", arg.description()));
    }
  }

  // Configuration keys

  private void configuration() throws IOException {
    heading("## Configuration keys");
    line(
        "For `--set KEY=VALUE` and for `--config FILE.yml`, which `attune train --show-config` prints."
            + " A key may be shortened to its end where that is unique: `epochs` for `training.epochs`.");
    Map<String, Configuration> presets = new LinkedHashMap<>();
    for (Preset preset : Preset.values()) {
      presets.put(preset.label(), Configuration.of(preset, null, null, Map.of()));
    }
    keys("training", presets);
    for (String encoder : EncoderConfig.defaults().keySet()) {
      Map<String, Configuration> columns = new LinkedHashMap<>();
      for (Preset preset : Preset.values()) {
        columns.put(preset.label(), Configuration.of(preset, encoder, null, Map.of()));
      }
      long different =
          columns.values().stream().map(Configuration::encoder).distinct().count();
      keys(
          "encoder",
          different == 1 ? Map.of("default", columns.values().iterator().next()) : columns);
    }
  }

  /** The keys of a section, with a column of values for each configuration. */
  private void keys(String section, Map<String, Configuration> columns) throws IOException {
    Configuration some = columns.values().iterator().next();
    boolean training = section.equals("training");
    Record record = training ? some.training() : (Record) some.encoder();
    heading(training ? "### Training" : "### Encoder " + some.encoder().kind());
    if (!training) {
      line(capital(some.encoder().summary()) + ".");
      line("");
    }
    List<String> header = new ArrayList<>(List.of("key"));
    header.addAll(columns.keySet());
    header.add("what");
    table(header.toArray(String[]::new));
    Map<String, JsonNode> trees = new LinkedHashMap<>();
    for (Map.Entry<String, Configuration> column : columns.entrySet()) {
      trees.put(column.getKey(), YAML.readTree(column.getValue().yaml()).path(section));
    }
    rows(section, record.getClass(), trees);
  }

  private void rows(String path, Class<?> type, Map<String, JsonNode> values) {
    Map<String, String> docs = params(type);
    for (RecordComponent component : type.getRecordComponents()) {
      String key = path + "." + component.getName();
      Map<String, JsonNode> parts = new LinkedHashMap<>();
      values.forEach((column, tree) -> parts.put(column, tree.path(component.getName())));
      if (component.getType() == EncoderConfig.class) {
        String kind = parts.values().iterator().next().path("type").asText();
        row(code(key + ".…"), kind, docs.get(component.getName()) + "; the keys of " + kind);
      } else if (parts.values().stream().anyMatch(JsonNode::isObject)) {
        rows(key, component.getType(), parts);
      } else {
        List<String> cells = new ArrayList<>(List.of(code(key)));
        parts.values().forEach(value -> cells.add(code(value.asText())));
        cells.add(docs.get(component.getName()) + choices(component.getType()));
        row(cells.toArray(String[]::new));
      }
    }
  }

  /** What an enum's values are, if it is one. */
  private static String choices(Class<?> type) {
    return type.isEnum()
        ? Arrays.stream(type.getEnumConstants())
            .map(value -> code(JSON.convertValue(value, String.class)))
            .collect(Collectors.joining(", ", ": ", ""))
        : "";
  }

  /** What the Javadoc of a record says of its components. */
  private static Map<String, String> params(Class<?> type) {
    Path source = Documents.sources().stream()
        .filter(file -> file.endsWith(type.getName().replace('.', '/') + ".java"))
        .findFirst()
        .orElseThrow();
    String text = Documents.text(source);
    String before = text.substring(0, text.indexOf("public record " + type.getSimpleName()));
    String javadoc = before
        .substring(before.lastIndexOf("/**") + 3, before.lastIndexOf("*/"))
        .replaceAll("(?m)^ *\\* ?", "");
    Map<String, String> params = new TreeMap<>();
    Matcher param = PARAM.matcher(javadoc);
    while (param.find()) {
      params.put(param.group(1), plain(param.group(2)));
    }
    return params;
  }

  /** Javadoc as Markdown. */
  private static String plain(String javadoc) {
    return javadoc
        .replaceAll("\\{@code ([^}]*)}", "`$1`")
        .replaceAll(" ?\\(\\{@link [^}]*}\\)", "")
        .replaceAll("\\{@link \\S+ ([^}]*)}", "$1")
        .replaceAll("\\{@link (\\w+)}", "`$1`")
        .replaceAll("\\s+", " ")
        .strip();
  }

  private static String capital(String text) {
    return text.substring(0, 1).toUpperCase(Locale.ROOT) + text.substring(1);
  }

  // Baselines and environment

  private void baselines() {
    heading("## Baselines");
    line("Names and settings for `--baseline` and `--ensemble`, with their defaults:");
    line("");
    Baseline.all().forEach(baseline -> line("- " + code(baseline.text())));
  }

  private void environment() {
    heading("## Environment");
    table("variable", "what");
    Matcher variable = VARIABLE.matcher(Documents.text(Documents.ROOT.resolve("attune")));
    while (variable.find()) {
      row(code(variable.group(1)), variable.group(2));
    }
  }
}
