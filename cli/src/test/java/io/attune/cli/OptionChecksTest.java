package io.attune.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.attune.baseline.Baseline;
import io.attune.baseline.BaselineModel;
import io.attune.cli.FileUse.Kind;
import io.attune.cli.Runs.Outcome;
import io.attune.log.LogSetting;
import io.attune.session.Holdout;
import io.attune.session.Sessions;
import io.attune.session.Vocabulary;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.lang.annotation.Annotation;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** Tries invalid values for every option of every command. */
class OptionChecksTest {
  private static final List<String> VALUES = List.of(
      "0",
      "-1",
      "2147483647",
      "99999999999999999999",
      "1e400",
      "NaN",
      "Infinity",
      "0x10",
      "٣",
      "1,5",
      "1.5",
      "abc",
      "");
  private static final Set<Class<?>> WHOLE = Set.of(int.class, Integer.class);
  private static final Set<Class<?>> FRACTIONS =
      Set.of(float.class, Float.class, double.class, Double.class);
  private static final Set<Class<?>> TIMES = Set.of(Duration.class, Holdout.class);

  @TempDir
  private static Path folder;

  private static Path model;
  private static Path file;
  private static Path log;

  @BeforeAll
  static void createValidFiles() throws IOException {
    model = folder.resolve("model");
    BaselineModel.of(
            Baseline.parse("pop"),
            Sessions.of(Vocabulary.of(List.of("a", "b")), List.of(new int[] {1, 2})))
        .save(model);
    file = Files.writeString(folder.resolve("file.tsv"), "id\ttitle\n1\tone\n");
    log = SmallLog.write(folder.resolve("log.csv"));
  }

  @Test
  void everyNumberHasBoundsAndEveryPathHasAUse() {
    List<String> without = new ArrayList<>();
    each((command, spec) -> {
      Class<?> type = type(spec);
      boolean number = WHOLE.contains(type) || FRACTIONS.contains(type);
      if ((number && bounds(spec) == null) || (type == Path.class && use(spec) == null)) {
        without.add(command.name() + " " + name(spec));
      }
    });
    assertThat(without).isEmpty();
  }

  @Test
  void aNumberOutOfBoundsIsWrongUsage() {
    Map<String, Integer> tried = new LinkedHashMap<>();
    each((command, spec) -> {
      for (String value : VALUES) {
        if (spec.isOption() && isRefused(spec, value)) {
          Outcome outcome = Runs.attune(line(command, spec, value));
          assertThat(outcome.exitCode())
              .as("%s %s=%s: %s", command.name(), name(spec), value, outcome.err())
              .isEqualTo(2);
          assertThat(outcome.err())
              .startsWith("attune: ")
              .contains(name(spec), value)
              .hasLineCount(2)
              .doesNotContain("\tat ");
          tried.merge(name(spec), 1, Integer::sum);
        }
      }
    });
    assertThat(tried)
        .containsKeys(
            "--top",
            "--window",
            "--weight",
            "--words",
            "--sessions",
            "--seed",
            "--cutoffs",
            "--windows",
            "--trials",
            "--budget",
            "--holdout",
            "--threads",
            "--part-sessions",
            "--min-score",
            "--session-gap",
            "--min-session-length",
            "--ensemble-weight");
  }

  @Test
  void anUnusablePathFailsBeforeAnythingIsRead() throws IOException {
    Path inTheWay = Files.writeString(folder.resolve("in-the-way"), "x");
    Path emptyFolder = Files.createDirectories(folder.resolve("empty"));
    Path newer = Files.createDirectories(folder.resolve("newer"));
    Files.writeString(newer.resolve("manifest.json"), """
        {"format": 99, "encoder": {"type": "narm"}, "items": 1, "files": {}}""");
    Path app = Files.createDirectories(folder.resolve("app"));
    Files.writeString(app.resolve("manifest.json"), "{\"name\": \"a web app\"}");
    Path missing = folder.resolve("missing");
    Path below = inTheWay.resolve("below/it.html");
    Map<Kind, Map<Path, String>> wrong = Map.of(
        Kind.READ_LOGS, Map.of(),
        Kind.READ_FILE, Map.of(missing, "no such file", emptyFolder, "is a directory"),
        Kind.READ_INDEX, Map.of(missing, "no such file", inTheWay, "expected a directory"),
        Kind.READ_MODEL,
            Map.of(
                missing, "no such model",
                emptyFolder, "not a model: it has no manifest.json",
                inTheWay, "this is a file",
                app, "not an Attune manifest",
                newer, "newer than"),
        Kind.WRITE_FILE, Map.of(emptyFolder, "is a directory", below, "is not a directory"),
        Kind.WRITE_MODEL,
            Map.of(
                app,
                "exists and is not a model",
                inTheWay,
                "exists and is not a model",
                Path.of("."),
                "the working directory",
                below,
                "is not a directory"),
        Kind.WRITE_DIRECTORY, Map.of(inTheWay, "is a file", below, "is not a directory"));
    each((command, spec) -> {
      if (use(spec) == null) {
        return;
      }
      wrong.get(use(spec)).forEach((path, message) -> {
        Outcome outcome = Runs.attune(line(command, spec, path.toString()));
        assertThat(outcome.exitCode())
            .as("%s %s=%s: %s", command.name(), name(spec), path, outcome.err())
            .isEqualTo(1);
        assertThat(outcome.err())
            .startsWith("attune: " + path)
            .contains(message)
            .hasLineCount(1);
      });
    });
    assertThat(missing).doesNotExist();
    assertThat(inTheWay).hasContent("x");
    assertThat(emptyFolder).isEmptyDirectory();
  }

  @Test
  void aFileCannotBeReadAndWrittenOrWrittenTwice() throws IOException {
    String before = Files.readString(log);
    Path link = Files.createSymbolicLink(folder.resolve("link.csv"), log);
    for (Object[] line : List.of(
        new Object[] {"inspect", log, "--json", log},
        new Object[] {"inspect", log, "--json", link},
        new Object[] {"recommend", log, "--model", model, "--out", log},
        new Object[] {
          "evaluate",
          log,
          "--baseline",
          "pop",
          "--holdout",
          "1d",
          "--json",
          "x.html",
          "--report",
          "./x.html"
        },
        new Object[] {"explain", "--model", model, "--session", "a", "--items", file, "--html", file
        })) {
      Outcome outcome = Runs.attune(line);
      assertThat(outcome.exitCode()).as(outcome.err()).isEqualTo(2);
      assertThat(outcome.err()).contains("is the same file as").hasLineCount(2);
    }
    assertThat(log).hasContent(before);
  }

  @Test
  void helpIsShownDespiteOtherErrors() {
    Outcome outcome = Runs.attune("search", "--top", "0", "--help");
    assertThat(outcome.exitCode()).isZero();
    assertThat(outcome.out()).contains("Example:");
  }

  private interface Visit {
    void accept(CommandSpec command, ArgSpec spec);
  }

  /** Visits the options and parameters of all commands. */
  private static void each(Visit visit) {
    PrintWriter nowhere = new PrintWriter(Writer.nullWriter());
    for (CommandLine each :
        Attune.commandLine(nowhere, nowhere).getSubcommands().values()) {
      CommandSpec command = each.getCommandSpec();
      Stream.concat(command.options().stream(), command.positionalParameters().stream())
          .filter(Predicate.not(ArgSpec::inherited))
          .filter(spec -> !(spec instanceof OptionSpec option && isHelp(option)))
          .forEach(spec -> visit.accept(command, spec));
    }
  }

  private static boolean isHelp(OptionSpec option) {
    return option.usageHelp() || option.versionHelp();
  }

  /** A command line that is valid except for one value. */
  private static Object[] line(CommandSpec command, ArgSpec tried, String value) {
    List<Object> line = new ArrayList<>(List.of(command.name()));
    for (PositionalParamSpec spec : command.positionalParameters()) {
      line.add(spec.equals(tried) ? value : fine(spec));
    }
    for (OptionSpec spec : command.options()) {
      if (!spec.equals(tried) && spec.required()) {
        line.add(spec.longestName() + "=" + fine(spec));
      }
    }
    if (tried instanceof OptionSpec option) {
      line.add(option.longestName() + "=" + value);
    }
    return line.toArray();
  }

  private static Object fine(ArgSpec spec) {
    Kind use = use(spec);
    if (use == null) {
      return "a";
    }
    return switch (use) {
      case READ_LOGS -> log;
      case READ_FILE -> file;
      case READ_MODEL -> model;
      case READ_INDEX -> folder;
      case WRITE_FILE -> folder.resolve("new.csv");
      case WRITE_MODEL, WRITE_DIRECTORY -> folder.resolve("new");
    };
  }

  private static boolean isRefused(ArgSpec spec, String value) {
    Class<?> type = type(spec);
    Bounds bounds = bounds(spec);
    if (spec.userObject() instanceof LogSetting setting) {
      return isRefused(setting, value);
    }
    if (TIMES.contains(type)) {
      return true;
    }
    if (type == long.class) {
      return !value.matches("-?[0-9]{1,10}");
    }
    if (bounds == null) {
      return false;
    }
    if (spec.splitRegex().equals(",") && value.equals("1,5")) {
      return false;
    }
    boolean number = value.matches(WHOLE.contains(type) ? "-?[0-9]{1,10}" : "-?[0-9]+(\\.[0-9]+)?");
    return !number
        || Double.parseDouble(value) < bounds.min()
        || Double.parseDouble(value) > bounds.max();
  }

  private static boolean isRefused(LogSetting setting, String value) {
    try {
      setting.checked(value);
      return false;
    } catch (IllegalArgumentException e) {
      return true;
    }
  }

  private static Class<?> type(ArgSpec spec) {
    Class<?>[] inner = spec.auxiliaryTypes();
    return inner.length > 0 ? inner[0] : spec.type();
  }

  private static Bounds bounds(ArgSpec spec) {
    return annotation(spec, Bounds.class);
  }

  private static Kind use(ArgSpec spec) {
    FileUse use = annotation(spec, FileUse.class);
    return use == null ? null : use.value();
  }

  private static <A extends Annotation> A annotation(ArgSpec spec, Class<A> type) {
    return spec.userObject() instanceof Field field ? field.getAnnotation(type) : null;
  }

  private static String name(ArgSpec spec) {
    return spec instanceof OptionSpec option ? option.longestName() : spec.paramLabel();
  }
}
