package io.attune.cli;

import static io.attune.cli.Runs.assertFailure;
import static io.attune.cli.Runs.assertUsage;
import static org.assertj.core.api.Assertions.assertThat;

import io.attune.cli.Runs.Outcome;
import io.attune.model.MeanConfig;
import io.attune.model.Model;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImportCommandTest {
  @TempDir
  private static Path folder;

  private static Path log;
  private static Path vectors;

  /** Items on a circle in the order in which they are clicked, and one that is never clicked. */
  @BeforeAll
  static void write() throws IOException {
    log = SmallLog.write(folder.resolve("log.csv"));
    StringBuilder text = new StringBuilder("new 0.5 0.1\n");
    for (int item = 0; item < SmallLog.ITEMS; item++) {
      double angle = 2 * Math.PI * item / SmallLog.ITEMS;
      text.append(String.format(
          Locale.ROOT, "i%d %.6f %.6f%n", item, 2 * Math.cos(angle), 2 * Math.sin(angle)));
    }
    vectors = Files.writeString(folder.resolve("item2vec.txt"), text);
  }

  @Test
  void anImportedModelIsExplainedAndRecommendsWhatIsNear() throws IOException {
    Path model = folder.resolve("bare");
    Outcome imported = Runs.attune("import", vectors, "--out", model);
    assertThat(imported.exitCode()).as(imported.err()).isZero();
    assertThat(imported.out())
        .isEqualTo("model " + model + ": the mean of the clicks of 13 items, compared by cosine\n");
    assertThat(imported.err()).startsWith("read 13 vectors of 2 elements: word2vec text, ");

    Outcome explained =
        Runs.attune("explain", "--model", model, "--session", "i3,i4,i5", "--top", 3);
    assertThat(explained.out())
        .contains("   33 %  #############                             i4")
        .contains("   1. i4  16.000\n")
        .doesNotContain("from its words alone");
  }

  @Test
  void aLogIsCountedAndTeachesACorrection() throws IOException {
    Path model = folder.resolve("counted");
    Outcome imported = Runs.attune(
        "import",
        vectors,
        "--out",
        model,
        "--readout",
        "last-click",
        log,
        "--holdout",
        "3d",
        "--device",
        "cpu");
    assertThat(imported.exitCode()).as(imported.err()).isZero();
    assertThat(imported.out()).contains("the last click of 13 items");
    assertThat(imported.err())
        .contains("read 960 clicks in 240 sessions on 12 items: csv")
        .contains("counted 671 clicks in 168 sessions; 0 items of the log without a vector")
        .contains("clicked items: corrected, on validation HR@20 100.00, MRR@20 ");

    Model made = Model.load(model);
    assertThat(((MeanConfig) made.manifest().encoder()).lastClicks()).isEqualTo(1);
    assertThat(made.vocabulary().id(1)).isEqualTo("new");
    assertThat(made.counts()[0]).isZero();
    assertThat(Arrays.stream(made.counts()).sum()).isEqualTo(671);
    assertThat(made.manifest().provenance().cut()).isEqualTo("2025-03-07T23:03:00Z");

    Outcome evaluated = Runs.attune(
        "evaluate", log, "--model", model, "--holdout", "3d", "--slices", "--device", "cpu");
    assertThat(evaluated.exitCode()).as(evaluated.err()).isZero();
    assertThat(evaluated.out() + evaluated.err())
        .doesNotContain("was not trained on", "by its words alone");
    // A clicked item never comes back, so the two neighbours on the circle are left in front.
    assertThat(evaluated.out()).containsPattern("counted  100\\.00 ± 0\\.00");
  }

  @Test
  void whatNeedsATrainingIsRefused() {
    Path model = folder.resolve("untrained");
    assertThat(Runs.attune("import", vectors, "--out", model).exitCode()).isZero();
    assertUsage(
        "the model was not trained here, so it cannot be trained again: its vectors were imported",
        "train",
        log,
        "--from",
        model,
        "--out",
        folder.resolve("grown"));
  }

  @Test
  void whatCannotBeImportedIsRefused() throws IOException {
    Path out = folder.resolve("refused");
    assertFailure(
        "log.csv:1: expected an id and numbers separated by blanks", "import", log, "--out", out);
    assertUsage(
        "--holdout holds out clicks of a LOG", "import", vectors, "--out", out, "--holdout", "3d");
    Path others = Files.writeString(folder.resolve("others.txt"), "x 1 2\ny 2 1\n");
    assertFailure(
        "no session of the log has two clicks on the 2 items of the model: their ids, such as 'x',"
            + " must be those of the log, such as 'i0'",
        "import",
        others,
        "--out",
        out,
        log,
        "--device",
        "cpu");
    Path zero = Files.writeString(folder.resolve("zero.txt"), "x 1 2\ny 0 0\n");
    assertFailure(
        "the vector of item 'y' is zero, so it has no cosine with any other: remove it, or compare"
            + " by inner product (--similarity inner-product)",
        "import",
        zero,
        "--out",
        out);
    assertThat(out).doesNotExist();
    assertThat(Runs.attune("import", zero, "--out", out, "--similarity", "inner-product")
            .exitCode())
        .isZero();
  }
}
