package io.attune.cli;

import static io.attune.cli.Runs.assertFailure;
import static io.attune.cli.Runs.assertUsage;
import static org.assertj.core.api.Assertions.assertThat;

import io.attune.cli.Runs.Outcome;
import io.attune.model.Manifest;
import io.attune.model.Model;
import io.attune.model.SafeTensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainCommandTest {
  private static final int TEST_SESSIONS = 72;

  @TempDir
  private static Path folder;

  private static Path log;
  private static Path model;
  private static Outcome training;

  @BeforeAll
  static void trainOnce() throws IOException {
    log = SmallLog.write(folder.resolve("log.csv"));
    model = folder.resolve("narm");
    training = SmallLog.trainNarm(log, model, "--holdout", "3d", "--resume", "--seed", 7);
  }

  @Test
  void trainingTellsWhatItDoesAndWhereTheModelIs() {
    assertThat(training.exitCode()).as(training.err()).isZero();
    assertThat(training.out())
        .startsWith("model " + model + ": epoch ")
        .contains("of 2 was best, on validation HR@20 ", ", MRR@20 ", "then trained on all for ")
        .contains("\nbest baseline on validation: sr HR@20 100.00, MRR@20 ");
    assertThat(training.err())
        .contains("read 960 clicks in 240 sessions on 12 items: csv")
        .contains(
            "held out for testing: " + TEST_SESSIONS + " sessions from 2025-03-07T23:03:00Z on")
        .contains("training on 604 clicks in 151 sessions on 12 items, validating on 17 sessions")
        .contains("device cpu, precision fp32, seed 7, checkpoint " + model + ".checkpoint")
        .containsPattern(
            "select 1: loss \\d\\.\\d{4}, HR@20 100\\.00, MRR@20 \\d+\\.\\d\\d, .* s \\*\n")
        .contains("clicked items: not corrected, since on validation a correction gains nothing")
        .containsPattern("refit 1: loss ");
    assertThat(Path.of(model + ".checkpoint")).doesNotExist();
  }

  @Test
  void itemsThatNobodyClickedAreFoundByTheirWords() throws IOException {
    StringBuilder text = new StringBuilder("id\ttitle\tbrand\n");
    for (int item = 0; item < SmallLog.ITEMS; item++) {
      text.append("i" + item + "\tThing of kind " + "abcdefghijkl".charAt(item) + "\tAcme\n");
    }
    Path items =
        Files.writeString(folder.resolve("items.tsv"), text + "new\tkind d\t\nblank\t\t\n");
    Path out = folder.resolve("worded");

    Outcome trained = SmallLog.trainNarm(
        log, out, "--holdout", "3d", "--items", items, "--hide-items", "20%", "--seed", 3);

    assertThat(trained.exitCode()).as(trained.err()).isZero();
    assertThat(trained.err())
        .containsPattern(
            "words: vectors of length (1\\.0|0\\.\\d+) for [2-9] items without clicks and for"
                + " those that are added later\\. On validation, clicked items that are given theirs have"
                + " HR@20 \\d+\\.\\d\\d instead of \\d+\\.\\d\\d, and the others (lose|gain) \\d");
    assertThat(trained.err())
        .containsPattern("texts: of \\d+ items to train on, and of [2-9] items");
    Model made = Model.load(out);
    assertThat(made.vocabulary().ids()).hasSize(13).contains("new").doesNotContain("blank");
    assertThat(made.counts()[made.vocabulary().row("new") - 1]).isZero();
    Outcome evaluated = Runs.attune(
        "evaluate", log, "--model", out, "--holdout", "3d", "--slices", "--device", "cpu");
    assertThat(evaluated.out())
        .contains("item in the model")
        .containsPattern("by its words alone +\\d+");
    itemsThatCameLaterAreKnownByTheirWords(out, items);
  }

  /** Item i11 of the log is renamed, so that the model has never heard of it. */
  private void itemsThatCameLaterAreKnownByTheirWords(Path model, Path items) throws IOException {
    Path later = Files.writeString(
        folder.resolve("later.tsv"), Files.readString(items) + "later\tkind l\t\n");
    Path renamed = Files.writeString(
        folder.resolve("renamed.csv"), Files.readString(log).replaceAll("(?m)\\bi11\\b", "later"));
    Path out = folder.resolve("renamed-out.csv");
    Outcome recommended = Runs.attune(
        "recommend", renamed, "--model", model, "--items", later, "--out", out, "--device", "cpu");
    assertThat(recommended.exitCode()).as(recommended.err()).isZero();
    assertThat(recommended.err()).doesNotContain("unknown to the model");
    assertThat(Files.readString(out)).contains(",later,");

    Object[] evaluation = {
      "evaluate", renamed, "--model", model, "--holdout", "3d", "--device", "cpu"
    };
    Outcome without = Runs.attune(evaluation);
    Outcome with = Runs.attune(
        Stream.concat(Stream.of(evaluation), Stream.of("--items", later)).toArray());
    assertThat(with.exitCode()).as(with.err()).isZero();
    assertThat(hitRate(with)).isGreaterThan(hitRate(without) + 3);
    assertThat(hitRate(with)).as("of 14 items 20 are all").isEqualTo(100);
  }

  private static double hitRate(Outcome evaluated) {
    Matcher row = Pattern.compile("(?m)^worded +(\\d+\\.\\d\\d)").matcher(evaluated.out());
    assertThat(row.find()).as(evaluated.out()).isTrue();
    return Double.parseDouble(row.group(1));
  }

  @Test
  void aModelWithoutTextsSaysThatItDoesNotKnowItemsThatCameLater() throws IOException {
    Path out = folder.resolve("wordless");
    assertThat(SmallLog.trainNarm(log, out, "--holdout", "3d").exitCode()).isZero();
    Path later = Files.writeString(folder.resolve("wordless.tsv"), "id\ttitle\nlater\tshoe\n");
    Outcome evaluated = Runs.attune(
        "evaluate", log, "--model", out, "--holdout", "3d", "--items", later, "--device", "cpu");
    assertThat(evaluated.exitCode()).as(evaluated.err()).isZero();
    assertThat(evaluated.err())
        .contains("wordless was trained without texts, so it does not know 1 item of --items");
  }

  @Test
  void whatCannotBeHiddenAndTextsThatAreNoneAreRefused() throws IOException {
    Path out = folder.resolve("refused");
    assertUsage(
        "--hide-items hides items of a file: name it with --items",
        "train",
        log,
        "--out",
        out,
        "--hide-items",
        "15%");
    Path items = Files.writeString(folder.resolve("bare.csv"), "id,title\ni1,-\n");
    assertUsage(
        "--items gives items vectors, and a baseline has none",
        "train",
        log,
        "--out",
        out,
        "--baseline",
        "stan",
        "--items",
        items);
    for (String share : List.of("0%", "100%", "15", "x%", "0.15")) {
      assertUsage(
          "--hide-items must be above 0% and below 100%, such as 15%, not '" + share + "'",
          "train",
          log,
          "--out",
          out,
          "--items",
          items,
          "--hide-items",
          share);
    }
    assertFailure(
        "bare.csv: no texts: expected columns beside the id with words in them",
        "train",
        log,
        "--out",
        out,
        "--items",
        items);
  }

  @Test
  void resumingWithoutACheckpointStartsFromTheBeginningAndSaysSo() {
    assertThat(training.err())
        .startsWith(
            "there is no " + model + ".checkpoint to resume from: starting from the beginning");
  }

  @Test
  void aFastCatalogueGetsAForecastAndItsRarerItems() throws IOException {
    StringBuilder text = new StringBuilder("session_id,item_id,timestamp\n");
    for (int session = 0; session < 400; session++) {
      for (int click = 0; click < 2; click++) {
        // Eight articles at a time, each for forty minutes.
        int article = session / 40 * 8 + (session + 3 * click) % 8;
        text.append(
            "s" + session + ",a" + article + "," + (1_700_000_000 + 60 * session + click) + "\n");
      }
    }
    Path news = Files.writeString(folder.resolve("news.csv"), text);
    Path out = folder.resolve("fast");

    Outcome outcome = SmallLog.trainNarm(news, out);

    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    assertThat(outcome.err())
        .contains(
            "preset fast-catalogue, for visits to what is soon replaced: 100 % of the newest");
    Manifest.Provenance provenance = Model.load(out).manifest().provenance();
    assertThat(provenance.filters().path("minItemSupport").asInt()).isEqualTo(2);
    assertThat(provenance.training().path("driftEstimate").asText()).isEqualTo("forecast");
    assertThat(provenance.training().path("order").asText()).isEqualTo("chronological");

    SmallLog.trainNarm(news, out, "--min-item-support", 5);
    assertThat(Model.load(out)
            .manifest()
            .provenance()
            .filters()
            .path("minItemSupport")
            .asInt())
        .isEqualTo(5);
  }

  @Test
  void ofHistoriesWhatComesAfterTheCutIsHeldOutAndVisitsAreCounted() throws IOException {
    // Six users come every other day for three clicks each: ten visits of each.
    StringBuilder text = new StringBuilder("user_id,item_id,timestamp\n");
    for (int visit = 0; visit < 60; visit++) {
      for (int click = 0; click < 3; click++) {
        int item = (visit * 5 + click) % 12;
        int time = 1_700_000_000 + 8 * 3600 * visit + 60 * click;
        text.append("u" + visit % 6 + ",i" + item + "," + time + "\n");
      }
    }
    Path histories = Files.writeString(folder.resolve("histories.csv"), text);
    Path out = folder.resolve("hierarchical");

    Outcome timed = trainHierarchical(histories, out, "--holdout", "100h");

    assertThat(timed.exitCode()).as(timed.err()).isZero();
    assertThat(timed.err())
        .contains("visits, by pauses of more than 30m: 60 visits in 6 sessions")
        .contains("held out for testing: 39 clicks in 6 histories from 2023-11-30T10:15:20Z on");

    Outcome one = trainHierarchical(histories, out, "--set", "visitGap=60d");
    assertThat(one.err())
        .contains("sees each session as one visit, since no session has a pause of more than 60d:"
            + " use --sessions-by user");
    Path untimed = Files.writeString(
        folder.resolve("untimed.csv"), text.toString().replaceAll("(?m),\\w*$", ""));
    assertThat(trainHierarchical(untimed, out).err())
        .contains("sees each session as one visit, since the clicks have no times: use a log with a"
            + " time column and --sessions-by user");
  }

  private static Outcome trainHierarchical(Path log, Path out, Object... more) {
    List<Object> args = new ArrayList<>(List.of("train", log, "--out", out));
    args.addAll(List.of("--sessions-by", "user", "--encoder", "hierarchical", "--device", "cpu"));
    args.addAll(List.of("--preset", "short-sessions", "--set", "dimension=8"));
    args.addAll(List.of("--set", "hidden=8", "--set", "epochs=1", "--set", "precision=fp32"));
    args.addAll(List.of(more));
    return Runs.attune(args.toArray());
  }

  @Test
  void whatIsNoCheckpointIsNotResumed() throws IOException {
    Path out = folder.resolve("damaged");
    Files.writeString(Path.of(out + ".checkpoint"), "no checkpoint");

    Outcome outcome = SmallLog.trainNarm(log, out, "--resume");

    assertThat(outcome.exitCode()).isEqualTo(1);
    assertThat(outcome.err())
        .startsWith("attune: " + out + ".checkpoint: ")
        .doesNotContain("\tat ");
    assertThat(out).doesNotExist();
  }

  @Test
  void whatIsNoCheckpointIsNotOverwrittenByOne() throws IOException {
    Path out = folder.resolve("mine");
    Path first = Files.writeString(Path.of(out + ".checkpoint"), "my notes on it");
    assertFailure("mine.checkpoint: no safetensors header", "train", "none.csv", "--out", out);
    Files.delete(first);
    Path second = Path.of(out + ".checkpoint-second");
    new SafeTensors(Map.of(), Map.of("format", "pt")).write(second);
    assertFailure("no checkpoint of a training", "train", "none.csv", "--out", out);
    assertThat(second).exists();
  }

  @Test
  void timesThatAreNotThereCannotBeLookedAt() throws IOException {
    Path untimed = Files.writeString(folder.resolve("untimed.txt"), "1 11 12 13\n2 12 13 11\n");

    Outcome outcome =
        Runs.attune("train", untimed, "--out", folder.resolve("untimed"), "--set", "timeBias=gap");

    assertThat(outcome.exitCode()).as(outcome.err()).isEqualTo(2);
    assertThat(outcome.err())
        .contains("encoder.timeBias must be none, since the clicks have no times");
  }

  @Test
  void anEarlierNameOfAnEncoderIsSaidToBeOne() {
    Outcome outcome =
        Runs.attune("train", log, "--encoder", "memory", "--show-config", "--device", "cpu");
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    assertThat(outcome.err())
        .contains("--encoder memory is an earlier name of stamp, which is trained");
    assertThat(outcome.out()).contains("type: stamp");
  }

  @Test
  void aCheckpointIsNotOverwrittenInSilence() throws IOException {
    Path out = folder.resolve("again");
    new SafeTensors(Map.of(), Map.of("key", "{}", "position", "{}"))
        .write(Path.of(out + ".checkpoint"));

    Outcome outcome = SmallLog.trainNarm(log, out, "--set", "epochs=1", "--set", "refit=false");

    assertThat(outcome.exitCode()).isZero();
    assertThat(outcome.err())
        .startsWith("warning: " + out + ".checkpoint of a stopped training will be overwritten");
  }

  @Test
  void theManifestSaysWhereTheModelComesFrom() throws IOException {
    Manifest.Provenance provenance = Model.manifest(model).provenance();

    assertThat(provenance.holdout()).isEqualTo("3d");
    assertThat(provenance.seed()).isEqualTo(7);
    assertThat(provenance.sessions()).isEqualTo(SmallLog.SESSIONS - TEST_SESSIONS);
    assertThat(provenance.cut()).isEqualTo("2025-03-07T23:03:00Z");
    assertThat(provenance.lastClick()).isEqualTo("2025-03-07T23:02:00Z");
    assertThat(provenance.filters().path("minItemSupport").asInt()).isEqualTo(5);
    assertThat(provenance.training().path("epochs").asInt()).isEqualTo(2);
    assertThat(provenance.dataHash()).hasSize(64);
  }

  @Test
  void trainingRefusesBeforeItReadsAnything() throws IOException {
    Path precious = Files.writeString(folder.resolve("precious.txt"), "x");

    assertUsage("--out=MODEL is missing", "train", log);
    assertUsage("a LOG is missing", "train", "--out", folder.resolve("new"));
    assertUsage(
        "there is no key 'epoch'",
        "train",
        "none.csv",
        "--out",
        folder.resolve("new"),
        "--set",
        "epoch=1");
    assertUsage(
        "an encoder must be one of narm",
        "train",
        log,
        "--out",
        folder.resolve("new"),
        "--encoder",
        "lstm");
    assertFailure("exists and is not a model", "train", "none.csv", "--out", precious);
  }

  @Test
  void tooLittleDataIsAFailureInOneLine() {
    assertFailure(
        "too little is left",
        "train",
        log,
        "--out",
        folder.resolve("new"),
        "--min-item-support",
        5000);
    assertFailure(
        "nothing is left to train",
        "train",
        log,
        "--out",
        folder.resolve("new"),
        "--holdout",
        "30d");
  }

  @Test
  void theConfigurationIsPrintedWithoutALog() {
    Outcome outcome = Runs.attune("train", "--show-config", "--set", "epochs=3");

    assertThat(outcome.exitCode()).isZero();
    assertThat(outcome.out())
        .contains("encoder:\n  type: transformer\n", "training:\n  epochs: 3\n");
    assertThat(outcome.err()).isEmpty();
  }

  @Test
  void forALogItsConfigurationIsPrintedAndHowLongTrainingWouldTake() throws IOException {
    Outcome outcome = SmallLog.trainNarm(
        log, folder.resolve("shown"), "--holdout", "3d", "--show-config", "--set", "epochs=3");

    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    assertThat(outcome.out())
        .startsWith("encoder:\n  type: narm\n")
        .contains("training:\n  epochs: 3\n");
    assertThat(outcome.err())
        .contains("training on 604 clicks in 151 sessions on 12 items, validating on 17 sessions")
        .containsPattern(
            "\ntraining will take .*, by the speed of its first steps on this machine\n$");
    assertThat(folder.resolve("shown")).doesNotExist();
    assertThat(folder.resolve("shown.checkpoint")).doesNotExist();
  }

  @Test
  void aLogThatCannotBeTrainedOnHasNoEstimate() {
    assertFailure("nothing is left to train", "train", log, "--show-config", "--holdout", "30d");
  }
}
