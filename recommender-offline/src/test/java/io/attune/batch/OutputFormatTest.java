package io.attune.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import io.attune.batch.Recommendations.Origin;
import io.attune.evaluation.TrecFile;
import io.attune.log.ClickLog;
import io.attune.log.LogFormat;
import io.attune.log.LogOptions;
import io.attune.session.Sessions;
import io.attune.session.Vocabulary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OutputFormatTest {
  private static final Vocabulary VOCABULARY =
      Vocabulary.of(List.of("plain", "with,comma", "with \"quotes\"", "größer"));
  private static final Recommendations USUAL =
      new Recommendations("s 1", Origin.SESSION, new int[] {2, 3}, new float[] {1.5f, -0.25f});
  private static final Recommendations POPULAR =
      new Recommendations("s2", Origin.POPULAR, new int[] {4}, new float[] {17});
  private static final Recommendations NOTHING =
      new Recommendations("s3", Origin.SESSION, new int[0], new float[0]);

  @TempDir
  private Path folder;

  @Test
  void csvHasAHeaderAndALinePerItem() throws IOException {
    Path file = written(OutputFormat.CSV, List.of(USUAL, NOTHING), List.of(POPULAR));
    assertThat(Files.readString(file)).isEqualTo("""
        session_id,rank,item_id,score,fallback
        s 1,1,"with,comma",1.5,false
        s 1,2,"with ""quotes\""",-0.25,false
        s2,1,größer,17.0,true
        """);
    try (CsvReader<CsvRecord> csv = CsvReader.builder().ofCsvRecord(file)) {
      assertThat(csv.stream().map(line -> line.getField(2)))
          .containsExactly("item_id", "with,comma", "with \"quotes\"", "größer");
    }
  }

  @Test
  void jsonHasALineForEverySession() throws IOException {
    Path file = written(OutputFormat.JSONL, List.of(USUAL, NOTHING), List.of(POPULAR));
    List<JsonNode> lines = new ArrayList<>();
    for (String line : Files.readAllLines(file)) {
      lines.add(JsonMapper.builder().build().readTree(line));
    }
    assertThat(lines).hasSize(3);
    assertThat(lines.getFirst())
        .hasToString("{\"session_id\":\"s 1\",\"fallback\":false,\"items\":["
            + "{\"item_id\":\"with,comma\",\"score\":1.5},"
            + "{\"item_id\":\"with \\\"quotes\\\"\",\"score\":-0.25}]}");
    assertThat(lines.get(1).path("items")).isEmpty();
    assertThat(lines.get(2).path("fallback").asBoolean()).isTrue();
  }

  @Test
  void aTrecRunHasSixColumnsAndATagForFallbackItems() throws IOException {
    Recommendations plain =
        new Recommendations("s1", Origin.SESSION, new int[] {1, 4}, new float[] {2, 1});
    Path file = written(OutputFormat.TREC, List.of(plain, NOTHING), List.of(POPULAR));
    assertThat(Files.readString(file)).isEqualTo("""
        s1 Q0 plain 1 2.0 attune
        s1 Q0 größer 2 1.0 attune
        s2 Q0 größer 1 17.0 attune-popular
        """);
  }

  @Test
  void whitespaceInIdsIsEscapedInATrecRun() throws IOException {
    Path file = written(OutputFormat.TREC, List.of(USUAL));
    assertThat(Files.readString(file)).isEqualTo("""
        s%201 Q0 with,comma 1 1.5 attune
        s%201 Q0 with%20"quotes" 2 -0.25 attune
        """);
    assertThat(TrecFile.readRun(file)).containsOnlyKeys("s%201");
  }

  @Test
  void parquetCanBeReadAsALog() throws IOException {
    Path file =
        written(OutputFormat.PARQUET, List.of(USUAL, NOTHING), List.of(NOTHING), List.of(POPULAR));
    ClickLog.Loaded loaded = ClickLog.load(List.of(file), LogOptions.standard());
    assertThat(loaded.report().files().getFirst().format()).isEqualTo(LogFormat.PARQUET);
    assertThat(words(loaded.sessions()))
        .containsExactly("s 1: with,comma|with \"quotes\"", "s2: größer");
  }

  @Test
  void parquetOfManyRowsAndPartsIsReadCompletely() throws IOException {
    Vocabulary vocabulary = Vocabulary.of(
        IntStream.rangeClosed(1, 50_000).mapToObj(i -> "item " + i).toList());
    SplittableRandom random = new SplittableRandom(1);
    List<Path> parts = new ArrayList<>();
    List<String> expected = new ArrayList<>();
    for (int part = 0; part < 3; part++) {
      parts.add(folder.resolve("part" + part));
      try (RecommendationWriter writer = OutputFormat.PARQUET.open(parts.getLast(), vocabulary)) {
        for (int s = 0; s < 2000; s++) {
          // More distinct items than fit in a dictionary, so other encodings are used too.
          int[] rows = random.ints(20, 1, 50_001).toArray();
          String session = String.format(Locale.ROOT, "session %d of part %d", s, part);
          writer.write(new Recommendations(session, Origin.SESSION, rows, new float[20]));
          StringBuilder line = new StringBuilder(session).append(": ");
          for (int i = 0; i < rows.length; i++) {
            line.append(i == 0 ? "" : "|").append(vocabulary.id(rows[i]));
          }
          expected.add(line.toString());
        }
      }
    }
    Path file = folder.resolve("whole.parquet");
    OutputFormat.PARQUET.join(parts, file);
    Sessions read = ClickLog.load(List.of(file), LogOptions.standard()).sessions();
    assertThat(words(read)).isEqualTo(expected);
  }

  @Test
  void parquetWithoutRowsIsValid() throws IOException {
    Path file = written(OutputFormat.PARQUET, List.of(NOTHING));
    assertThatThrownBy(() -> ClickLog.load(List.of(file), LogOptions.standard()))
        .hasMessageContaining("the file is empty")
        .hasMessageNotContaining("cannot be read");
  }

  @Test
  void theExtensionSelectsTheFormat() {
    assertThat(OutputFormat.of(Path.of("a.b/next.CSV"))).isEqualTo(OutputFormat.CSV);
    assertThat(OutputFormat.of(Path.of("run.trec"))).isEqualTo(OutputFormat.TREC);
    assertThatThrownBy(() -> OutputFormat.of(Path.of("csv")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(".csv, .jsonl, .parquet, .trec");
  }

  @SafeVarargs
  private Path written(OutputFormat format, List<Recommendations>... parts) throws IOException {
    List<Path> files = new ArrayList<>();
    for (List<Recommendations> part : parts) {
      files.add(folder.resolve("part" + files.size()));
      try (RecommendationWriter writer = format.open(files.getLast(), VOCABULARY)) {
        for (Recommendations each : part) {
          writer.write(each);
        }
      }
    }
    Path whole = folder.resolve("whole");
    format.join(files, whole);
    return whole;
  }

  private static List<String> words(Sessions sessions) {
    List<String> words = new ArrayList<>();
    for (int session = 0; session < sessions.size(); session++) {
      words.add(sessions.id(session) + ": "
          + String.join(
              "|",
              IntStream.of(sessions.items(session))
                  .mapToObj(sessions.vocabulary()::id)
                  .toList()));
    }
    return words;
  }
}
