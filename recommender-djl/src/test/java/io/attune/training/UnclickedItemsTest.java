package io.attune.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.attune.encoder.NeuralRecommender;
import io.attune.model.ComputeDevice;
import io.attune.model.EncoderConfig;
import io.attune.model.EnsembleConfig;
import io.attune.model.GruConfig;
import io.attune.model.Model;
import io.attune.model.Similarity;
import io.attune.model.TextMap;
import io.attune.model.TextVectors;
import io.attune.model.TransformerConfig;
import io.attune.recommender.Prefix;
import io.attune.recommender.TrainedModels;
import io.attune.session.Filters;
import io.attune.session.Holdout;
import io.attune.session.Sessions;
import io.attune.vector.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Items that nobody has clicked, in a training. */
class UnclickedItemsTest {
  private static final List<String> NAMES = List.of(
      "anchor",
      "ballpoint",
      "carpet",
      "diving",
      "eagle",
      "fountain",
      "giraffe",
      "hammock",
      "island",
      "jacket",
      "kettle",
      "lantern");

  private static final EncoderConfig ENCODER =
      TransformerConfig.builder().dimension(8).layers(1).build();

  private static final TrainingConfig TRAINING = TrainedModels.plain()
      .epochs(4)
      .stepTargets(64)
      .learningRate(0.02)
      .validation(0.2)
      .patience(4)
      .refit(true)
      .clicked(ClickedItems.LEARNED)
      .build();

  private final Sessions all = Chains.sessions(200, 1);
  private final Map<String, String> texts = new HashMap<>();
  private final List<UnclickedGain> gains = new ArrayList<>();

  @TempDir
  private Path folder;

  UnclickedItemsTest() {
    for (int i = 0; i < NAMES.size(); i++) {
      texts.put("i" + (i + 1), "the " + NAMES.get(i));
    }
  }

  private PreparedData data(ItemTexts items) {
    return PreparedData.of(all, new Holdout.None(), Filters.none(), 0.2, items);
  }

  private Trainer trainer(EncoderConfig encoder, TrainingConfig training) {
    AtomicLong time = new AtomicLong();
    return Trainer.of(encoder, training, () -> time.addAndGet(10_000_000_000L))
        .withDevice(ComputeDevice.CPU)
        .withListener(new TrainingListener() {
          @Override
          public void onUnclicked(UnclickedGain gain) {
            gains.add(gain);
          }
        });
  }

  private Model train(EncoderConfig encoder, TrainingConfig training, ItemTexts items) {
    PreparedData prepared = data(items);
    Trainer trainer = trainer(encoder, training);
    return prepared.model(trainer, trainer.train(prepared.data()), "hash", "test");
  }

  private static float[] row(Model model, String table, String id) {
    Tensor tensor = Objects.requireNonNull(model.weights().get(table));
    int width = (int) tensor.shape()[1];
    float[] row = new float[width];
    System.arraycopy(tensor.values(), model.vocabulary().row(id) * width, row, 0, width);
    return row;
  }

  private static double cosine(float[] one, float[] other) {
    return dot(one, other) / (norm(one) * norm(other));
  }

  private static double norm(float[] vector) {
    return Math.sqrt(dot(vector, vector));
  }

  private static double dot(float[] one, float[] other) {
    double dot = 0;
    for (int i = 0; i < one.length; i++) {
      dot += one[i] * other[i];
    }
    return dot;
  }

  @Test
  void trainingBeginsWithItemsOfTheSameWordsNearEachOther() {
    texts.put("i7", Objects.requireNonNull(texts.get("i1"))); // on the other side of the circle
    double without = likeness(ItemInitialization.COOCCURRENCE, ItemTexts.NONE);
    assertThat(likeness(ItemInitialization.COOCCURRENCE, new ItemTexts(texts, Set.of())))
        .isGreaterThan(without + 0.3);
    assertThat(likeness(ItemInitialization.RANDOM, new ItemTexts(texts, Set.of())))
        .isEqualTo(likeness(ItemInitialization.RANDOM, ItemTexts.NONE));
  }

  /** How much two items are alike after steps that hardly move them. */
  private double likeness(ItemInitialization start, ItemTexts items) {
    TrainingConfig still = TRAINING.toBuilder()
        .itemInitialization(start)
        .learningRate(1e-6)
        .epochs(1)
        .refit(false)
        .build();
    Model model = train(ENCODER, still, items);
    return cosine(row(model, Model.ITEMS, "i1"), row(model, Model.ITEMS, "i7"));
  }

  @Test
  void anItemWithTheWordsOfAnotherIsNearItAndRanksNearIt() {
    texts.put("new", "Giraffe");
    Model model = train(ENCODER, TRAINING, new ItemTexts(texts, Set.of()));
    assertThat(model.vocabulary().size()).isEqualTo(13);
    assertThat(model.manifest().items()).isEqualTo(13);
    assertThat(model.counts()[model.vocabulary().row("new") - 1]).isZero();
    float[] made = row(model, Model.ITEMS, "new");
    assertThat(cosine(made, row(model, Model.ITEMS, "i7"))).isGreaterThan(0.9);
    try (NeuralRecommender recommender = NeuralRecommender.load(model, "m", ComputeDevice.CPU)) {
      // i6 is reached by steps of one and of two: i7 or i8 follow.
      Prefix before = new Prefix(new int[] {5, 6}, 2);
      int[] ranks =
          recommender.rank(List.of(before, before), new int[] {7, 13}, false, 0).ranks();
      assertThat(ranks[0]).isLessThanOrEqualTo(3);
      assertThat(ranks[1]).isLessThanOrEqualTo(6);
    }
    assertThat(gains).singleElement().satisfies(gain -> {
      assertThat(gain.items()).isEqualTo(1);
      assertThat(gain.length()).isBetween(0.5f, 1f);
    });
  }

  @Test
  void nothingElseOfTheModelChanges() {
    texts.put("new", "Giraffe");
    Map<String, Tensor> with =
        train(ENCODER, TRAINING, new ItemTexts(texts, Set.of())).weights();
    Map<String, Tensor> without = train(ENCODER, TRAINING, ItemTexts.NONE).weights();
    assertThat(with.keySet())
        .filteredOn(name -> !TextMap.isPart(name))
        .hasSameElementsAs(without.keySet());
    without.forEach(
        (name, tensor) -> assertThat(Objects.requireNonNull(with.get(name)).values())
            .as(name)
            .startsWith(tensor.values()));
    assertThat(gains).hasSize(1);
  }

  @Test
  void clicksOnHiddenItemsAreNotTrainedOn() {
    Model model = train(ENCODER, TRAINING, new ItemTexts(texts, Set.of("i3", "i9")));
    assertThat(model.vocabulary().size()).isEqualTo(12);
    assertThat(model.counts()[model.vocabulary().row("i3") - 1]).isZero();
    assertThat(model.counts()[model.vocabulary().row("i4") - 1]).isPositive();
    assertThat(model.vocabulary().ids().subList(10, 12)).containsExactly("i3", "i9");
  }

  @Test
  void everyTableAndEveryEncoderGetsThem() {
    texts.put("new", "Giraffe");
    EncoderConfig untied = GruConfig.builder()
        .dimension(8)
        .hidden(8)
        .similarity(new Similarity(false, 1, false))
        .build();
    Model model =
        train(new EnsembleConfig(untied, ENCODER), TRAINING, new ItemTexts(texts, Set.of()));
    assertThat(cosine(row(model, Model.INPUTS, "new"), row(model, Model.INPUTS, "i7")))
        .isGreaterThan(0.8);
    assertThat(cosine(row(model, Model.ITEMS, "new"), row(model, Model.ITEMS, "i7")))
        .isGreaterThan(0.8);
    assertThat(gains).extracting(UnclickedGain::encoder).containsExactly("gru", "transformer");
    try (NeuralRecommender recommender = NeuralRecommender.load(model, "m", ComputeDevice.CPU)) {
      Prefix clicked = new Prefix(new int[] {13}, 1);
      assertThat(recommender.rank(List.of(clicked), new int[] {7}, false, 0).ranks()[0])
          .isBetween(1, 13);
    }
  }

  @Test
  void aTrainingThatWasKilledEndsWithTheSameVectors() throws IOException {
    texts.put("new", "Giraffe");
    TrainingData data = data(new ItemTexts(texts, Set.of())).data();
    Map<String, Tensor> straight = trainer(ENCODER, TRAINING).train(data).weights();
    Path checkpoint = folder.resolve("checkpoint");
    for (int steps : new int[] {3, 50}) {
      Trainer killed = trainer(ENCODER, TRAINING).withListener(new TrainingListener() {
        private int left = steps;

        @Override
        public void onStep(Progress progress) {
          if (--left == 0) {
            throw new IllegalStateException("killed");
          }
        }
      });
      assertThatThrownBy(() -> killed.train(data, "hash", checkpoint)).hasMessage("killed");
      assertThat(trainer(ENCODER, TRAINING).resume(data, "hash", checkpoint).weights())
          .as("after %d steps", steps)
          .isEqualTo(straight);
    }
  }

  @Test
  void textsOfOtherItemsAreRefusedAndThoseOfClickedItemsAloneChangeNothing() {
    assertThatThrownBy(() -> data(new ItemTexts(Map.of("4711", "red shoe"), Set.of())))
        .hasMessage("none of the 12 items to train on has a text, so nothing can be learned from"
            + " texts: their ids, such as '4711', must be those of the log, such as 'i1'");
    Model model = train(ENCODER, TRAINING, new ItemTexts(texts, Set.of()));
    assertThat(model.vocabulary().size()).isEqualTo(12);
    assertThat(model.weights())
        .containsAllEntriesOf(train(ENCODER, TRAINING, ItemTexts.NONE).weights());
  }

  @Test
  void itemsThatCameAfterTrainingHaveVectorsFromTheirWords() {
    texts.put("new", "Giraffe");
    EncoderConfig untied = GruConfig.builder()
        .dimension(8)
        .hidden(8)
        .similarity(new Similarity(false, 1, false))
        .build();
    EncoderConfig both = new EnsembleConfig(untied, ENCODER);
    Model before = train(both, TRAINING, new ItemTexts(texts, Set.of()));
    Map<String, String> later = new LinkedHashMap<>();
    later.put("later", "the giraffe");
    later.put("i7", "the kettle"); // is known, and stays what it was
    later.put("strange", "xyzzy"); // of which no word is known
    Model model = before.withItems(later);
    assertThat(model.vocabulary().ids().subList(12, 14)).containsExactly("new", "later");
    assertThat(model.manifest().items()).isEqualTo(14);
    assertThat(model.counts()).endsWith(0, 0).hasSize(14);
    for (String table : List.of(Model.ITEMS, Model.INPUTS)) {
      assertThat(cosine(row(model, table, "later"), row(model, table, "new"))).isGreaterThan(0.95);
      assertThat(row(model, table, "i7")).isEqualTo(row(before, table, "i7"));
    }
    assertThat(Objects.requireNonNull(TextVectors.of(model)).vector("Giraffe"))
        .as("as in the table")
        .isEqualTo(row(model, Model.ITEMS, "new"));
    assertThat(IntStream.rangeClosed(1, 14)
            .filter(Objects.requireNonNull(TextVectors.of(model))::isFromWords))
        .containsExactly(13, 14);
    assertThat(before.withItems(Map.of("i7", "kettle"))).isSameAs(before);
    try (NeuralRecommender recommender = NeuralRecommender.load(model, "m", ComputeDevice.CPU)) {
      assertThat(recommender.rank(List.of(new Prefix(new int[] {14}, 1)), new int[] {7}, false, 0)
              .ranks()[0])
          .isBetween(1, 14);
    }
  }

  @Test
  void aModelThatWasTrainedWithoutTextsMakesNone() {
    Model model = train(ENCODER, TRAINING, ItemTexts.NONE);
    assertThat(TextVectors.of(model)).isNull();
    assertThat(model.withItems(Map.of("later", "giraffe"))).isSameAs(model);
  }

  @Test
  void withoutValidationTheyAreOfACautiousLength() {
    texts.put("new", "Giraffe");
    PreparedData prepared =
        PreparedData.of(all, new Holdout.None(), Filters.none(), 0, new ItemTexts(texts, Set.of()));
    Trainer trainer = trainer(ENCODER, TRAINING.toBuilder().validation(0).build());
    Model model = prepared.model(trainer, trainer.train(prepared.data()), "hash", "test");
    double length = 0;
    for (int i = 1; i <= 12; i++) {
      length += norm(row(model, Model.ITEMS, "i" + i)) / 12;
    }
    assertThat(norm(row(model, Model.ITEMS, "new")))
        .isCloseTo(UnclickedItems.CAUTIOUS * length, within(1e-5));
    assertThat(gains).isEmpty();
  }

  @Test
  void textsWithoutWordsAreNoneAndHiddenItemsNeedSome() {
    assertThat(new ItemTexts(Map.of("a", "-", "b", "x"), Set.of()).texts()).containsOnlyKeys("b");
    assertThatThrownBy(() -> new ItemTexts(Map.of("b", "x"), Set.of("a")))
        .hasMessageContaining("hidden items must have texts");
    ItemTexts whole = new ItemTexts(texts, Set.of());
    assertThat(whole.hiding(0.5, 1).hidden()).hasSizeBetween(2, 10);
    assertThat(whole.hiding(0.5, 1)).isEqualTo(whole.hiding(0.5, 1));
    assertThat(whole.hiding(0.5, 1).hash()).isNotEqualTo(whole.hash());
    assertThat(ItemTexts.NONE.hash()).isEmpty();
  }
}
