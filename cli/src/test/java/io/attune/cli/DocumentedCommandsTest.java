package io.attune.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.attune.cli.Documents.Command;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Every command in README and docs, page after page, on a small log. */
class DocumentedCommandsTest {
  /** What is not run, by the beginning of the page and the command, and why. */
  private static final Map<String, String> SKIPPED = Map.of(
      "README.md: ./attune quickstart", ".ci/run runs it",
      "docs/search.md: ./attune serve", "runs until it is stopped; ServeCommandTest runs it",
      "docs/serving.md: ./attune serve", "runs until it is stopped; ServeCommandTest runs it",
      "docs/serving.md: ./attune update", "keeps or replaces a model; UpdateCommandTest runs it",
      "docs/results.md: ", "hours of training on public data; trainings show their configuration");

  /** The ids that the pages use. */
  private static final List<String> IDS = List.of("4711", "12", "993");

  @TempDir
  private Path folder;

  @Test
  void everyCommandParses() {
    PrintWriter nowhere = new PrintWriter(Writer.nullWriter());
    assertThat(commands()).hasSizeGreaterThan(25).allSatisfy(command -> {
      String[] words = command.words().toArray(String[]::new);
      assertThatCode(() -> Attune.commandLine(nowhere, nowhere).parseArgs(words))
          .as(command.toString())
          .doesNotThrowAnyException();
    });
  }

  @Test
  void everyCommandRunsInTheOrderOfThePages() throws IOException {
    writeLogAndItems();
    Set<String> skips = new TreeSet<>();
    for (Command command : commands()) {
      SKIPPED.keySet().stream().filter(command.toString()::startsWith).forEach(skips::add);
      if (SKIPPED.keySet().stream().noneMatch(command.toString()::startsWith)) {
        run(command.toString(), command.words());
      } else if (command.words().getFirst().equals("train")) {
        List<String> shown = new ArrayList<>(List.of("train", "--show-config"));
        command.words().stream()
            .skip(1)
            .dropWhile(word -> !word.startsWith("-"))
            .forEach(shown::add);
        run(command.toString(), shown);
      }
    }
    assertThat(skips).isEqualTo(SKIPPED.keySet());
  }

  private static List<Command> commands() {
    return Documents.pages().stream()
        .flatMap(page -> Documents.commands(page).stream())
        .toList();
  }

  /** Runs a command as if the folder were the working directory. */
  private void run(String name, List<String> words) {
    StringWriter err = new StringWriter();
    CommandLine attune =
        Attune.commandLine(new PrintWriter(Writer.nullWriter()), new PrintWriter(err, true));
    attune.registerConverter(Path.class, folder::resolve);
    assertThat(Attune.run(attune, words.toArray(String[]::new)))
        .as("%s%n%s", name, err)
        .isZero();
  }

  /** A line of the log with a user who returns every forty sessions. */
  private static String withUser(String line) {
    return line.startsWith("session_id,")
        ? "user_id," + line
        : "u" + Integer.parseInt(line.substring(1, line.indexOf(','))) % 40 + "," + line;
  }

  private void writeLogAndItems() throws IOException {
    String log = Files.readString(SmallLog.write(folder.resolve("small.csv")));
    for (int i = 0; i < IDS.size(); i++) {
      log = log.replace(",i" + i + ",", "," + IDS.get(i) + ",");
    }
    log = log.lines().map(DocumentedCommandsTest::withUser).collect(Collectors.joining("\n"));
    try (OutputStream gzip =
        new GZIPOutputStream(Files.newOutputStream(folder.resolve("clicks.csv.gz")))) {
      gzip.write(log.getBytes(StandardCharsets.UTF_8));
    }
    Files.delete(folder.resolve("small.csv"));
    String items = Stream.concat(
            IDS.stream(), IntStream.range(IDS.size(), SmallLog.ITEMS).mapToObj(i -> "i" + i))
        .map(id -> id + "\tRed shoes number " + id + "\tacme\n")
        .collect(Collectors.joining("", "id\ttitle\tbrand\n", ""));
    Files.writeString(folder.resolve("items.tsv"), items);
    try (OutputStream gzip =
        new GZIPOutputStream(Files.newOutputStream(folder.resolve("items.tsv.gz")))) {
      gzip.write(items.getBytes(StandardCharsets.UTF_8));
    }
    StringBuilder queries = new StringBuilder("session_id\tquery\tshown\tclicked\ttimestamp\n");
    for (int session = 0; session < SmallLog.SESSIONS; session++) {
      Instant time = SmallLog.FIRST.plus(Duration.ofHours(session)).plusSeconds(150);
      queries.append("s" + session + "\tred shoes\t4711|12|993|i5\t12\t" + time + "\n");
    }
    Files.writeString(folder.resolve("queries.tsv"), queries);
    String vectors = Stream.concat(
            IDS.stream(), IntStream.range(IDS.size(), SmallLog.ITEMS).mapToObj(i -> "i" + i))
        .map(id -> id + " " + id.hashCode() % 97 + " 1\n")
        .collect(Collectors.joining());
    Files.writeString(folder.resolve("item2vec.txt"), vectors);
    Files.writeString(folder.resolve("events.jsonl"), """
        {"action_name":"impression","query_id":"q","session_id":"s",\
        "timestamp":"2026-03-01T10:00:00Z","event_attributes":{"object":{"object_id":"i5"},\
        "position":{"ordinal":1},"interleaving":{"rankings":["words","learned"],"team":"words"}}}
        """);
  }
}
