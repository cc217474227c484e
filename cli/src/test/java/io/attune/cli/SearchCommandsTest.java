package io.attune.cli;

import static io.attune.cli.Runs.assertFailure;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.attune.cli.Runs.Outcome;
import io.attune.model.ClickedCorrection;
import io.attune.model.ClickedFeatures;
import io.attune.model.LearnedBlend;
import io.attune.model.Model;
import io.attune.vector.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.lucene.document.Document;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FSDirectory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SearchCommandsTest {
  @TempDir
  private static Path folder;

  private static Path log;
  private static Path model;
  private static Path index;
  private static Path items;
  private static Outcome indexed;
  private static List<String> ids;

  @BeforeAll
  static void make() throws IOException {
    log = SmallLog.write(folder.resolve("log.csv"));
    ids = IntStream.range(0, SmallLog.ITEMS).mapToObj(i -> "i" + i).toList();
    model = folder.resolve("model");
    Outcome trained = SmallLog.trainNarm(log, model, "--set", "refit=false");
    assertThat(trained.exitCode()).as(trained.err()).isZero();
    items = folder.resolve("items.tsv");
    String lines = IntStream.range(0, ids.size())
        .mapToObj(i -> ids.get(i) + "\tRed shoe number " + i)
        .collect(Collectors.joining("\n", "item_id:token\ttitle:token_seq\n", "\nnew\tRed shoe\n"));
    Files.writeString(items, lines);
    index = folder.resolve("index");
    indexed = Runs.attune("index", items, "--model", model, "--out", index);
  }

  @Test
  void indexReportsHowManyItemsTheModelKnows() {
    assertThat(indexed.exitCode()).as(indexed.err()).isZero();
    assertThat(indexed.out()).contains(ids.size() + 1 + " items, " + ids.size() + " with a vector");
  }

  @Test
  void onlyAnIndexOfAttuneIsReplaced() throws IOException {
    Path theirs = folder.resolve("theirs");
    try (Directory directory = FSDirectory.open(theirs);
        IndexWriter writer = new IndexWriter(directory, new IndexWriterConfig())) {
      writer.addDocument(new Document());
    }
    assertFailure(
        "that attune index did not create", "index", items, "--model", model, "--out", theirs);
    try (Directory directory = FSDirectory.open(theirs);
        IndexReader reader = DirectoryReader.open(directory)) {
      assertThat(reader.numDocs()).isEqualTo(1);
    }
    Path ours = folder.resolve("ours");
    for (int times = 0; times < 2; times++) {
      assertThat(Runs.attune("index", items, "--model", model, "--out", ours).exitCode())
          .isZero();
    }
    Path documents = Files.createDirectories(folder.resolve("documents"));
    Files.writeString(documents.resolve("_0.txt"), "x");
    Files.writeString(documents.resolve("thesis.txt"), "x");
    assertFailure(
        "holds other files and no index", "index", items, "--model", model, "--out", documents);
  }

  @Test
  void searchShowsBothRankingsAndAnExplanation() {
    Outcome outcome = Runs.attune(
        "search",
        index,
        "--model",
        model,
        "--query",
        "number",
        "--session",
        ids.get(0) + "," + ids.get(1) + ",nobody");
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    assertThat(outcome.out())
        .contains("by words and session", "Red shoe number", "Why ", "of 2, id ");
    assertThat(outcome.err()).contains("the model does not know 1 of 3 clicks: nobody");
  }

  @Test
  void vectorsOfAnotherModelInTheIndexAreNotUsed() {
    Path other = folder.resolve("other");
    Outcome trained = SmallLog.trainNarm(log, other, "--set", "refit=false", "--seed", "5");
    assertThat(trained.exitCode()).as(trained.err()).isZero();
    Path again = folder.resolve("again");
    assertThat(Runs.attune("index", items, "--model", other, "--out", again).exitCode())
        .isZero();
    Outcome same = search(index);
    Outcome stranger = search(again);
    assertThat(same.err()).doesNotContain("another model");
    assertThat(stranger.exitCode()).as(stranger.err()).isZero();
    assertThat(stranger.err())
        .contains("the index was created with another model (version ", "its vectors are not used");
    assertThat(stranger.out()).isEqualTo(same.out());
  }

  private static Outcome search(Path of) {
    return Runs.attune(
        "search", of, "--model", model, "--query", "number", "--session", String.join(",", ids));
  }

  @Test
  void blendLearnsAndSearchUsesIt() throws IOException {
    Path own = folder.resolve("own");
    Outcome trained =
        SmallLog.trainNarm(log, own, "--set", "refit=false", "--holdout", "last-click");
    assertThat(trained.exitCode()).as(trained.err()).isZero();
    String version = Model.open(own).version();
    assertFailure(
        "the model has no learned blend", searching(own, "--blend", "learned").toArray());
    Path json = folder.resolve("blend.json");
    Outcome dry = Runs.attune(
        "blend",
        log,
        "--items",
        items,
        "--model",
        own,
        "--words",
        "1,2",
        "--dry-run",
        "--json",
        json);
    assertThat(dry.exitCode()).as(dry.err()).isZero();
    assertThat(Model.open(own).blend()).isNull();
    assertThat(dry.out()).contains("1 word ", "2 words ", "all ", "learned", "unrelated");
    JsonNode figures = new ObjectMapper().readTree(json.toFile());
    for (String row : List.of("1 word", "2 words", "all")) {
      for (String column : List.of("words", "session", "fixed", "learned", "unrelated")) {
        assertThat(figures.path(row).path(column).isNumber())
            .as(row + " " + column)
            .isTrue();
      }
    }

    Outcome written = Runs.attune("blend", log, "--items", items, "--model", own, "--words", "1,2");
    assertThat(written.exitCode()).as(written.err()).isZero();
    assertThat(written.out()).isEqualTo(dry.out());
    LearnedBlend learned = Model.open(own).blend();
    assertThat(learned).isNotNull();
    assertThat(learned.origin().mrr().get("learned"))
        .isEqualTo(figures.path("all").path("learned").asDouble());
    assertThat(Model.open(own).version()).isEqualTo(version);
    String why = "for this query, by a learned blend: 2 words, ";
    assertThat(Runs.attune(searching(own).toArray()).out()).contains(why);
    assertThat(Runs.attune(searching(own, "--blend", "learned").toArray()).out())
        .contains(why);
    assertThat(Runs.attune(searching(own, "--weight", "0.3").toArray()).out())
        .contains("0.70 · first pass + 0.30 · session, each min-max normalized");
    assertThat(
            Runs.attune(searching(own, "--blend", "learned", "--weight", "0.3").toArray())
                .err())
        .contains("--blend learned has weights of its own");
  }

  private static List<Object> searching(Path with, Object... options) {
    List<Object> words = new ArrayList<>(List.of(
        "search", index, "--model", with, "--query", "red number", "--session", ids.getFirst()));
    words.addAll(List.of(options));
    return words;
  }

  @Test
  void blendSaysWhatIsWrongWithItsInput() throws IOException {
    Path strangers = folder.resolve("strangers.tsv");
    Files.writeString(strangers, "id\ttitle\nx\tRed shoe\n");
    assertFailure(
        "the items must have the same ids as the log",
        "blend",
        log,
        "--items",
        strangers,
        "--model",
        model,
        "--dry-run");
    Path untitled = folder.resolve("untitled.tsv");
    Files.writeString(untitled, "id\n" + String.join("\n", ids) + "\n");
    assertFailure(
        "no wanted item of the log has a title",
        "blend",
        log,
        "--items",
        untitled,
        "--model",
        model,
        "--dry-run");
    assertFailure(
        "no wanted item has a title of 9 words",
        "blend",
        log,
        "--items",
        items,
        "--model",
        model,
        "--words",
        "1,9",
        "--dry-run");
    Path twice = folder.resolve("twice.tsv");
    Files.writeString(twice, "id\ttitle\ni1\tRed shoe\ni1\tRed boot\n");
    assertFailure(
        "duplicate item id: i1", "blend", log, "--items", twice, "--model", model, "--dry-run");
  }

  @Test
  void aSessionOfUnknownClicksKeepsTheRankingByWords() {
    Outcome outcome =
        Runs.attune("search", index, "--model", model, "--query", "shoe", "--session", "nobody");
    assertThat(outcome.exitCode()).isZero();
    assertThat(outcome.out()).contains("the session is empty, so the first-pass order is kept");
  }

  @Test
  void explainShowsAttentionAndWritesAPage() throws IOException {
    Path page = folder.resolve("why.html");
    Outcome outcome = Runs.attune(
        "explain",
        "--model",
        model,
        "--session",
        ids.get(0) + "," + ids.get(1),
        "--items",
        items,
        "--html",
        page);
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    assertThat(outcome.out()).contains("Attention on the clicks", "#", "Red shoe number 1");
    assertThat(Files.readString(page))
        .startsWith("<!DOCTYPE html>")
        .contains("<svg", "<rect", "click 2: ", "Red shoe number 0");
  }

  @Test
  void explainNamesTheCorrectionOfClickedItems() throws IOException {
    Model plain = Model.load(model);
    float[] correction = new float[ClickedFeatures.COUNT];
    correction[0] = 50; // clicked last
    correction[1] = -50; // before last
    Map<String, Tensor> weights = new HashMap<>(plain.weights());
    weights.put(ClickedCorrection.TENSOR, new ClickedCorrection(correction).tensor());
    Path corrected = folder.resolve("corrected");
    new Model(plain.manifest(), plain.vocabulary(), plain.counts(), weights).save(corrected);
    Path page = folder.resolve("corrected.html");
    Outcome outcome = Runs.attune(
        "explain",
        "--model",
        corrected,
        "--session",
        ids.get(2) + "," + ids.get(0) + "," + ids.get(1) + "," + ids.get(0),
        "--top",
        "100",
        "--html",
        page);
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    String first = "+50.000 for a clicked item (clicked twice, last)";
    assertThat(outcome.out())
        .containsPattern(" 1\\. " + ids.get(0) + " .*" + Pattern.quote(first))
        .contains("-50.000 for a clicked item (clicked once, before last)")
        .contains("+0.000 for a clicked item (clicked once, earlier)");
    assertThat(Files.readString(page)).contains(first);
    List<String> lines = outcome.out().lines().toList();
    assertThat(lines.getLast()).contains(ids.get(1), "-50.000");
  }

  @Test
  void explainShowsEachHeadOfATransformer() throws IOException {
    Path heads = folder.resolve("heads");
    Outcome trained = Runs.attune(
        "train",
        log,
        "--out",
        heads,
        "--device",
        "cpu",
        "--encoder",
        "transformer",
        "--set",
        "dimension=8",
        "--set",
        "heads=2",
        "--set",
        "epochs=1",
        "--set",
        "sampledEpochs=0",
        "--set",
        "refit=false",
        "--set",
        "precision=fp32");
    assertThat(trained.exitCode()).as(trained.err()).isZero();
    Path page = folder.resolve("heads.html");
    Outcome outcome = Runs.attune(
        "explain", "--model", heads, "--session", ids.get(0) + "," + ids.get(1), "--html", page);
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    assertThat(outcome.out())
        .containsPattern(
            "by layer and head:\\n +1/1 +1/2 +2/1 +2/2\\n( +\\d+ %){4}  " + ids.get(0));
    assertThat(Files.readString(page))
        .contains("Layer 1, head 1", "Layer 2, head 2", "attention of head 2 of layer 2 after")
        .containsPattern(
            "(?s)(One click before the last, these items would get .*? \\(\\d+ %\\).*?){4}");
  }

  @Test
  void explainShowsTheVisitsOfAHistory() throws IOException {
    Path visits = folder.resolve("visits");
    Outcome trained = Runs.attune(
        "train",
        log,
        "--out",
        visits,
        "--device",
        "cpu",
        "--encoder",
        "hierarchical",
        "--set",
        "dimension=8",
        "--set",
        "epochs=1",
        "--set",
        "refit=false",
        "--set",
        "precision=fp32");
    assertThat(trained.exitCode()).as(trained.err()).isZero();
    Path page = folder.resolve("visits.html");
    String session = ids.get(0) + "," + ids.get(1) + "," + ids.get(2);
    Outcome outcome = Runs.attune(
        "explain",
        "--model",
        visits,
        "--session",
        session,
        "--times",
        "2025-03-01T10:00,2025-03-01T10:05,2025-03-02T09:00",
        "--html",
        page);
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    assertThat(outcome.out())
        .containsPattern("Attention on the visits and their clicks, oldest first:\n"
            + "  visit 1 of 2: \\d+ %\n.*" + ids.get(0) + "\n.*" + ids.get(1)
            + "\n  visit 2 of 2: \\d+ %\n.*" + ids.get(2) + "\n");
    assertThat(Files.readString(page)).contains(ids.get(2) + " (visit 2 of 2: ");
    Outcome one = Runs.attune("explain", "--model", visits, "--session", session);
    assertThat(one.out()).startsWith("Attention on the clicks, oldest first:\n ");
    assertThat(Runs.attune("explain", "--model", visits, "--session", session, "--times", "1,2")
            .err())
        .contains("--times must have a time for each of 3 clicks, not 2");
  }

  @Test
  void mistakesAreReportedInOneLine() throws IOException {
    assertFailure(
        "holds no Lucene index",
        "search",
        folder,
        "--model",
        model,
        "--query",
        "x",
        "--session",
        "a");
    assertFailure("knows none of the clicks", "explain", "--model", model, "--session", "nobody");
    Path bad = Files.writeString(folder.resolve("bad.csv"), "name,title\na,b\n");
    assertFailure(
        "no id column: expected one of",
        "index",
        bad,
        "--model",
        model,
        "--out",
        folder.resolve("i"));
    Path twice = Files.writeString(folder.resolve("twice.csv"), "id,title\na,b\na,c\n");
    assertFailure(
        "duplicate item id: a", "index", twice, "--model", model, "--out", folder.resolve("i"));
    Path short1 = Files.writeString(folder.resolve("short.csv"), "id,title\na\n");
    assertFailure(
        "short.csv:2: expected 2 columns",
        "index",
        short1,
        "--model",
        model,
        "--out",
        folder.resolve("i"));
    Outcome usage = Runs.attune(
        "search", index, "--model", model, "--query", "x", "--session", "a", "--weight", "2");
    assertThat(usage.exitCode()).isEqualTo(2);
    assertThat(usage.err()).contains("weight must be from 0 to 1");
  }
}
