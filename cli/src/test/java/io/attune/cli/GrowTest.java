package io.attune.cli;

import static io.attune.cli.Runs.assertFailure;
import static io.attune.cli.Runs.assertUsage;
import static org.assertj.core.api.Assertions.assertThat;

import io.attune.cli.Runs.Outcome;
import io.attune.model.Manifest;
import io.attune.model.Model;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code attune train --from}. */
class GrowTest {
  @TempDir
  private static Path folder;

  private static Path log;
  private static Path model;

  @BeforeAll
  static void trainOnce() throws IOException {
    log = SmallLog.write(folder.resolve("log.csv"));
    model = folder.resolve("model");
    // The first seven days; the last three are new.
    assertThat(SmallLog.trainNarm(log, model, "--holdout", "3d", "--seed", 7).exitCode())
        .isZero();
  }

  @Test
  void aModelGoesOnWithTheSessionsThatAreNewerThanIt() throws IOException {
    Path grown = folder.resolve("grown");
    Outcome outcome = grow(log, grown);

    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    assertThat(outcome.out())
        .startsWith("model " + grown + ": ")
        .contains(
            "\ngrown by 289 clicks in 73 sessions and 146 known ones again, with 0 new items among its 12\n")
        .doesNotContain("baseline");
    assertThat(outcome.err()).contains("going on from " + model + ", checkpoint " + grown);
    Manifest manifest = Model.load(grown).manifest();
    assertThat(manifest.provenance().growth().from())
        .isEqualTo(Model.load(model).version());
    assertThat(manifest.provenance().seed()).isEqualTo(7);
    assertThat(manifest.provenance().clicks())
        .isEqualTo(960); // one session is begun before and after the cut
    assertThat(manifest.encoder()).isEqualTo(Model.manifest(model).encoder());
  }

  @Test
  void aNewItemFollowsTheKnownOnesAndHowOftenItMustBeClickedIsAnOption() throws IOException {
    StringBuilder text = new StringBuilder(Files.readString(log));
    for (int session = 0; session < 3; session++) {
      String begin = "x" + session + ",";
      text.append(begin + "i1,2025-03-12T0" + session + ":00:00Z\n");
      text.append(begin + "new,2025-03-12T0" + session + ":01:00Z\n");
    }
    Path longer = Files.writeString(folder.resolve("longer.csv"), text);
    Path rare = folder.resolve("rare");
    Path known = folder.resolve("known");

    Outcome outcome = grow(longer, rare, "--min-item-support", 3);
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    assertThat(grow(longer, known).exitCode()).isZero();

    List<String> before = Model.load(model).vocabulary().ids();
    assertThat(Model.load(rare).vocabulary().ids())
        .hasSize(13)
        .startsWith(before.toArray(String[]::new))
        .endsWith("new");
    assertThat(Model.load(rare).counts()[12]).isEqualTo(3);
    assertThat(Model.load(known).vocabulary().ids()).isEqualTo(before);
  }

  @Test
  void whatContradictsTheModelIsRefused() {
    Path out = folder.resolve("none");
    assertUsage(
        "--encoder gru contradicts --from, whose encoder is narm",
        args(log, out, "--encoder", "gru"));
    assertUsage(
        "encoder.dimension contradicts --from, whose encoder stays as it is",
        args(log, out, "--set", "dimension=16"));
    assertUsage(
        "--preset cannot be combined with --from", args(log, out, "--preset", "short-sessions"));
    assertUsage("cannot be combined with --baseline", args(log, out, "--baseline", "pop"));
    assertUsage("cannot be combined with --show-config", args(log, out, "--show-config"));
    assertUsage(
        "--items is for a training from the beginning",
        "train",
        log,
        "--out",
        out,
        "--from",
        model,
        "--items",
        log);
    assertUsage(
        "--replay and --drop-unclicked need --from", "train", log, "--out", out, "--replay", 1);
    assertUsage("--replay must be from 0 to 1000, not -1", args(log, out, "--replay", -1));
    assertUsage("is the same file as --from", args(log, model));
    assertThat(out).doesNotExist();
  }

  @Test
  void aModelOrLogThatCannotGoOnIsAFailureThatSaysWhy() throws IOException {
    Path out = folder.resolve("none");
    Path grown = folder.resolve("up-to-date");
    assertThat(grow(log, grown).exitCode()).isZero();
    assertFailure(
        "there is nothing new to train on: the model knows the clicks until 2025-03-10T23:03:00Z",
        "train",
        log,
        "--from",
        grown,
        "--out",
        out);
    assertFailure(
        "expected the column 'sku' of --item-column", args(log, out, "--item-column", "sku"));
    Path baseline = folder.resolve("baseline");
    assertThat(Runs.attune("train", log, "--out", baseline, "--baseline", "pop").exitCode())
        .isZero();
    assertFailure(
        "a baseline (pop), which has no item vectors",
        "train",
        log,
        "--from",
        baseline,
        "--out",
        out);
    Path damaged = folder.resolve("damaged");
    assertThat(grow(log, damaged).exitCode()).isZero();
    byte[] weights = Files.readAllBytes(damaged.resolve("weights.safetensors"));
    weights[weights.length - 3] ^= 1;
    Files.write(damaged.resolve("weights.safetensors"), weights);
    assertFailure(
        "truncated or changed: its SHA-256 differs", "train", log, "--from", damaged, "--out", out);
    assertThat(out).doesNotExist();
  }

  private static Outcome grow(Path log, Path out, Object... more) {
    return Runs.attune(args(log, out, more));
  }

  private static Object[] args(Path log, Path out, Object... more) {
    List<Object> args = new java.util.ArrayList<>(
        List.of("train", log, "--from", model, "--out", out, "--device", "cpu"));
    args.addAll(List.of(more));
    return args.toArray();
  }
}
