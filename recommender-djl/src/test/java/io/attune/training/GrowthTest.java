package io.attune.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.attune.encoder.EncoderConfigs;
import io.attune.model.ClickedCorrection;
import io.attune.model.ComputeDevice;
import io.attune.model.DriftConfig;
import io.attune.model.EncoderConfig;
import io.attune.model.EnsembleConfig;
import io.attune.model.GruConfig;
import io.attune.model.Manifest;
import io.attune.model.Model;
import io.attune.model.NarmConfig;
import io.attune.model.Similarity;
import io.attune.recommender.TrainedModels;
import io.attune.session.DataHash;
import io.attune.session.Filters;
import io.attune.session.Holdout;
import io.attune.session.Sessions;
import io.attune.session.Vocabulary;
import io.attune.vector.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A training that goes on from a model: what it keeps, what it adds, what it says. */
class GrowthTest {
  private static final int ITEMS = 8;
  private static final int MINUTE = 60_000;
  private static final EncoderConfig ENCODER =
      GruConfig.builder().dimension(8).hidden(8).build();

  /** The days of a shop: on the second day there is one item more, which is clicked beside i1. */
  private final Sessions twoDays = days(2);

  private final Sessions firstDay = days(1);

  @TempDir
  private Path folder;

  @ParameterizedTest
  @MethodSource("encoders")
  void anEncoderOfAnyKindGoesOnWhereItsModelStopped(EncoderConfig encoder) {
    Model model = first(encoder, 0.3);

    Model grown = Training.from(model, twoDays, () -> 0)
        .training(plain().learningRate(1e-12).popularityDrift(0.3).build())
        .device(ComputeDevice.CPU)
        .train()
        .model();

    assertThat(grown.vocabulary().ids())
        .startsWith(model.vocabulary().ids().toArray(String[]::new))
        .endsWith("new");
    assertThat(grown.vocabulary().size()).isEqualTo(model.vocabulary().size() + 1);
    assertThat(grown.manifest().encoder()).isEqualTo(model.manifest().encoder());
    List<Map<String, Tensor>> before = parts(model);
    List<Map<String, Tensor>> after = parts(grown);
    for (int part = 0; part < before.size(); part++) {
      assertThat(after.get(part).keySet()).isEqualTo(before.get(part).keySet());
      Map<String, Tensor> grownPart = after.get(part);
      before.get(part).forEach((name, tensor) -> {
        if (!name.startsWith("memory.")) { // which the new sessions are written to
          float[] values = Objects.requireNonNull(grownPart.get(name)).values();
          assertThat(Arrays.copyOf(values, tensor.values().length))
              .as(name)
              .usingComparatorWithPrecision(1e-5f)
              .containsExactly(tensor.values());
        }
      });
    }
  }

  private static Stream<EncoderConfig> encoders() {
    return EncoderConfigs.all();
  }

  @Test
  void onlyTheSessionsAfterTheModelsLastClickAreTrainedAndSomeOfTheOthersAgain() {
    Model model = first(ENCODER, 0);
    int fresh = twoDays.size() - firstDay.size();

    TrainedModel alone = from(model).replay(0).train();
    TrainedModel half = from(model).replay(0.5).train();
    TrainedModel all = from(model).replay(9).train();

    assertThat(alone.prepared().data().train().size()).isEqualTo(fresh);
    assertThat(half.prepared().data().train().size()).isEqualTo(fresh + fresh / 2);
    assertThat(all.prepared().data().train().size()).isEqualTo(twoDays.size());
    assertThat(half.model().manifest().provenance().growth().replayed()).isEqualTo(fresh / 2);
    for (TrainedModel trained : List.of(alone, half, all)) {
      Manifest.Provenance made = trained.model().manifest().provenance();
      assertThat(made.sessions()).isEqualTo(twoDays.size());
      assertThat(made.clicks()).isEqualTo(twoDays.clicks());
      assertThat(trained.model().counts()).containsExactly(clicks(twoDays));
    }
  }

  @Test
  void aLogOfTheNewSessionsAloneGivesTheSameModel() {
    Model model = first(ENCODER, 0);
    int[] fresh = new int[twoDays.size() - firstDay.size()];
    Arrays.setAll(fresh, i -> firstDay.size() + i);

    Model ofBoth = from(model).replay(0).train().model();
    Model ofNew = Training.from(model, twoDays.select(fresh), () -> 0)
        .training(plain().build())
        .device(ComputeDevice.CPU)
        .train()
        .model();

    assertThat(ofNew.weights()).isEqualTo(ofBoth.weights());
    assertThat(ofNew.counts()).isEqualTo(ofBoth.counts());
  }

  @Test
  void popularityDriftIsThatOfTheNewestClicks() {
    Model model = first(ENCODER, 0.3);

    Model grown = from(model)
        .training(plain().popularityDrift(0.3).build())
        .replay(0)
        .train()
        .model();

    // Of 120 sessions the newest 15 % are 18: nine of them click i1 and the new item twice each.
    long[] learned = new long[ITEMS + 1];
    long[] before = clicks(firstDay);
    long[] both = clicks(twoDays);
    int since = twoDays.clicks() - firstDay.clicks();
    for (int i = 0; i <= ITEMS; i++) {
      long old = i < ITEMS ? before[i] : 0;
      learned[i] = Math.round(((double) old / firstDay.clicks() * since + both[i] - old) / 2);
    }
    int[] newest = new int[18];
    Arrays.setAll(newest, i -> 102 + i);
    Sessions late = twoDays.select(newest);
    double share = (double) late.clicks() / Arrays.stream(learned).sum();
    Tensor items = grown.weights().get(Model.ITEMS);
    for (int row = 1; row <= ITEMS + 1; row++) {
      double drift =
          0.3 * Math.log((clicks(late)[row - 1] + 0.5) / (share * learned[row - 1] + 0.5));
      assertThat(items.columns(8, 9).values()[row]).isCloseTo((float) drift, within(1e-5f));
    }
  }

  @Test
  void theManifestSaysWhereTheModelComesFrom() throws IOException {
    first(ENCODER, 0.3).save(folder.resolve("model"));
    Model model = Model.load(folder.resolve("model"));

    TrainedModel once = from(model).train();
    once.save(folder.resolve("grown"));
    Manifest.Provenance made = Model.load(folder.resolve("grown")).manifest().provenance();

    assertThat(made.dataHash()).isEqualTo(DataHash.of(twoDays));
    assertThat(made.training()).isEqualTo(model.manifest().provenance().training());
    Manifest.Growth growth = made.growth();
    assertThat(growth).isNotNull();
    assertThat(growth.from()).isEqualTo(model.version());
    assertThat(growth.dataHash()).isEqualTo(DataHash.of(firstDay));
    assertThat(growth.generation()).isEqualTo(1);
    assertThat(growth.sessions()).isEqualTo(twoDays.size() - firstDay.size());
    assertThat(growth.newItems()).isEqualTo(1);
    assertThat(growth.training().path("epochs").asInt()).isEqualTo(1); // as from(model) says
    assertThat(growth.training().path("validation").asDouble()).isZero();

    Model again = Training.from(Model.load(folder.resolve("grown")), days(3), () -> 0)
        .device(ComputeDevice.CPU)
        .train()
        .model();
    assertThat(again.manifest().provenance().growth().generation()).isEqualTo(2);
    assertThat(again.manifest().provenance().training())
        .isEqualTo(model.manifest().provenance().training());
  }

  @Test
  void aNewItemBeginsBesideTheItemsThatItIsClickedWith() {
    Model model = first(NarmConfig.builder().dimension(8).hidden(8).build(), 0);

    Model grown =
        from(model).training(plain().learningRate(1e-12).build()).train().model();

    Tensor items = grown.weights().get(Model.ITEMS);
    int fresh = grown.vocabulary().row("new");
    int nearest = 0;
    for (int row = 1; row <= ITEMS; row++) {
      nearest = nearest == 0 || dot(items, fresh, row) > dot(items, fresh, nearest) ? row : nearest;
    }
    assertThat(grown.vocabulary().id(nearest)).isEqualTo("i1");
  }

  @Test
  void itemsThatVanishedStayUnlessTheyAreDropped() {
    Sessions without = withoutItem(twoDays, ITEMS);
    Model model = first(ENCODER, 0.3);

    Model kept =
        Training.from(model, without, () -> 0).device(ComputeDevice.CPU).train().model();
    Model dropped = Training.from(model, without, () -> 0)
        .dropUnclicked(true)
        .device(ComputeDevice.CPU)
        .train()
        .model();

    assertThat(kept.vocabulary().row("i" + ITEMS)).isEqualTo(ITEMS);
    assertThat(dropped.vocabulary().ids())
        .containsExactly("i1", "i2", "i3", "i4", "i5", "i6", "i7", "new");
    assertThat(dropped.counts().length).isEqualTo(8);
    assertThat(dropped.counts()[0]).isEqualTo(kept.counts()[0]);
  }

  @Test
  void aCorrectionOfClickedItemsStaysWhereTheNewClicksShowNoClearGain() {
    Model model = TrainedModels.corrected(first(ENCODER, 0), 5);
    TrainingConfig learned = plain().clicked(ClickedItems.LEARNED).build();
    int[] few = {60, 61, 62, 63, 64}; // of which nothing can be told

    Model grown = Training.from(model, twoDays.select(few), () -> 0)
        .training(learned)
        .device(ComputeDevice.CPU)
        .train()
        .model();
    Model off = from(model).train().model();

    assertThat(grown.weights().get(ClickedCorrection.TENSOR))
        .isEqualTo(model.weights().get(ClickedCorrection.TENSOR));
    assertThat(off.weights()).doesNotContainKey(ClickedCorrection.TENSOR);
  }

  @Test
  void aCorrectionOfClickedItemsIsLearnedOnClicksThatTheModelDoesNotKnow() {
    Model model = first(ENCODER, 0);
    List<ClickedGain> told = new ArrayList<>();
    Model grown = from(model)
        .training(plain().clicked(ClickedItems.LEARNED).build())
        .listener(new TrainingListener() {
          @Override
          public void onClicked(ClickedGain gain) {
            told.add(gain);
          }
        })
        .train()
        .model();

    // On the second day half of the sessions go to and fro between two items.
    assertThat(told).singleElement().satisfies(gain -> {
      assertThat(gain.after().get("MRR@20")).isGreaterThan(gain.before().get("MRR@20"));
      assertThat(grown.weights().get(ClickedCorrection.TENSOR))
          .isEqualTo(gain.correction().tensor());
    });
  }

  @Test
  void aCheckpointOfAnotherParentIsNotResumed() throws IOException {
    Path checkpoint = folder.resolve("checkpoint");
    from(first(ENCODER, 0)).train(checkpoint);

    assertThatThrownBy(() -> from(TrainedModels.corrected(first(ENCODER, 0), 5)).resume(checkpoint))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("made by a training with other data");
  }

  @Test
  void whatCannotGoOnSaysWhy() {
    Model model = first(ENCODER, 0);
    assertThatThrownBy(() ->
            Training.from(model, firstDay, () -> 0).device(ComputeDevice.CPU).train())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("there is nothing new to train on: the model knows the clicks until");
    assertThatThrownBy(() -> from(model).encoder(NarmConfig.defaults()).train())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("a training goes on with the encoder of its model, GruConfig");
    assertThatThrownBy(
            () -> from(model).training(plain().validation(0.1).build()).train())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(
            "validation must be 0 where training goes on from a model, not 0.1");
    assertThatThrownBy(() -> from(model).replay(-1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("replay must be 0 or more, not -1.0");
    Map<String, Tensor> damaged = new HashMap<>(model.weights());
    String weight = damaged.keySet().stream()
        .filter(name -> !name.equals(Model.ITEMS))
        .sorted()
        .findFirst()
        .orElseThrow();
    damaged.put(weight, new Tensor(new long[] {1}, new float[1]));
    assertThatThrownBy(
            () -> from(new Model(model.manifest(), model.vocabulary(), model.counts(), damaged))
                .train())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("the model's weight " + weight + " should be of ");
    damaged.remove(weight);
    assertThatThrownBy(
            () -> from(new Model(model.manifest(), model.vocabulary(), model.counts(), damaged))
                .train())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the model to go on from has no weight " + weight);
  }

  @Test
  void theHoldoutOfANewLogIsNotTrained() {
    Model model = first(ENCODER, 0);
    TrainedModel trained =
        from(model).replay(0).holdout(new Holdout.Last(Duration.ofMinutes(200))).train();
    // The last session begins at minute 1190 and ends at 1193 or 1194, so the cut is at 993 or 994.
    assertThat(trained.prepared().data().train().size()).isEqualTo(40);
    assertThat(trained.model().manifest().provenance().cut()).isNotNull();
  }

  @Test
  void itemsThatStillNobodyHasClickedKeepTheVectorsOfTheirWords() {
    Map<String, String> texts = new HashMap<>(Map.of("ghost", "red shoe", "new", "red shoes"));
    for (int item = 1; item <= ITEMS; item++) {
      texts.put("i" + item, item < 5 ? "red shoe " + item : "blue hat " + item);
    }
    EncoderConfig cosine = GruConfig.builder()
        .dimension(8)
        .hidden(8)
        .similarity(new Similarity(true, 16, true))
        .build();
    Model model = Training.of(firstDay, () -> 0)
        .encoder(cosine)
        .training(plain().popularityDrift(0.3).learningRate(0.01).build())
        .filters(Filters.none())
        .device(ComputeDevice.CPU)
        .items(new ItemTexts(texts, Set.of()))
        .train()
        .model();
    float[] before = vector(model, "ghost");
    Model grown = from(model).train().model();

    assertThat(grown.vocabulary().row("ghost")).isEqualTo(model.vocabulary().row("ghost"));
    assertThat(grown.counts()[grown.vocabulary().row("ghost") - 1]).isZero();
    assertThat(vector(grown, "ghost")).containsExactly(before);
    assertThat(grown.counts()[grown.vocabulary().row("new") - 1]).isPositive();
    assertThat(vector(grown, "new")).isNotEqualTo(vector(model, "new"));
    assertThatThrownBy(() -> from(model).items(new ItemTexts(texts, Set.of())).train())
        .hasMessageContaining("keeps the vectors");
  }

  /** The first elements of an item's row, without popularity drift. */
  private static float[] vector(Model model, String id) {
    Tensor table = Objects.requireNonNull(model.weights().get(Model.ITEMS));
    int start = model.vocabulary().row(id) * (int) table.shape()[1];
    return Arrays.copyOfRange(table.values(), start, start + 8);
  }

  private Model first(EncoderConfig encoder, double drift) {
    return Training.of(firstDay, () -> 0)
        .encoder(encoder.bare())
        .training(plain().popularityDrift(drift).learningRate(0.01).build())
        .filters(Filters.none())
        .device(ComputeDevice.CPU)
        .seed(1)
        .train()
        .model();
  }

  private static TrainingConfig.Builder plain() {
    return TrainedModels.plain().stepTargets(64).clicked(ClickedItems.OFF);
  }

  private Training from(Model model) {
    return Training.from(model, twoDays, () -> 0)
        .training(plain().build())
        .device(ComputeDevice.CPU);
  }

  /** The weights of each encoder without popularity drift, which is that of the newest day. */
  private static List<Map<String, Tensor>> parts(Model model) {
    return switch (model.manifest().encoder()) {
      case EnsembleConfig ensemble ->
        List.of(weights(Parent.part(model, true)), weights(Parent.part(model, false)));
      default -> List.of(weights(model));
    };
  }

  private static Map<String, Tensor> weights(Model model) {
    return model.manifest().encoder() instanceof DriftConfig drift
        ? drift.split(model.weights())
        : model.weights();
  }

  private static double dot(Tensor table, int a, int b) {
    int dimension = (int) table.shape()[1];
    double sum = 0;
    for (int i = 0; i < dimension; i++) {
      sum += table.values()[a * dimension + i] * table.values()[b * dimension + i];
    }
    return sum;
  }

  private static long[] clicks(Sessions sessions) {
    long[] clicks = new long[sessions.vocabulary().size()];
    for (int session = 0; session < sessions.size(); session++) {
      for (int row : sessions.items(session)) {
        clicks[row - 1]++;
      }
    }
    return clicks;
  }

  /**
   * Sixty sessions a day through a circle of items; from the second day on a new item follows i1.
   */
  private static Sessions days(int days) {
    List<String> ids = new ArrayList<>();
    for (int item = 1; item <= ITEMS; item++) {
      ids.add("i" + item);
    }
    if (days > 1) {
      ids.add("new");
    }
    SplittableRandom random = new SplittableRandom(7);
    List<int[]> rows = new ArrayList<>();
    List<long[]> times = new ArrayList<>();
    for (int session = 0; session < 60 * days; session++) {
      int at = random.nextInt(ITEMS);
      int[] clicked = new int[5];
      Arrays.setAll(clicked, i -> 1 + (at + i) % ITEMS);
      if (session >= 60 && session % 2 == 0) {
        clicked = new int[] {1, ITEMS + 1, 1, ITEMS + 1};
      }
      long start = 1_700_000_000_000L + session * 10L * MINUTE;
      long[] clickTimes = new long[clicked.length];
      Arrays.setAll(clickTimes, i -> start + (long) i * MINUTE);
      rows.add(clicked);
      times.add(clickTimes);
    }
    return Sessions.of(Vocabulary.of(ids), rows, times);
  }

  /** The sessions that do not contain an item. */
  private static Sessions withoutItem(Sessions sessions, int item) {
    return sessions.select(IntStream.range(0, sessions.size())
        .filter(session -> Arrays.stream(sessions.items(session)).noneMatch(row -> row == item))
        .toArray());
  }
}
