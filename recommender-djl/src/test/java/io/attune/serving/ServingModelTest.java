package io.attune.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.encoder.EncoderConfigs;
import io.attune.incremental.IncrementalEncoder;
import io.attune.model.EncoderConfig;
import io.attune.model.Model;
import io.attune.model.ModelException;
import io.attune.recommender.TrainedModels;
import io.attune.session.Sessions;
import io.attune.session.Vocabulary;
import io.attune.vector.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ServingModelTest {
  private static final Sessions SESSIONS = Sessions.of(
      Vocabulary.of(List.of("a", "b", "c", "d")),
      List.of(new int[] {1, 2, 3}, new int[] {2, 3, 4}, new int[] {3, 4, 1, 2}));

  @TempDir
  private Path folder;

  static Stream<EncoderConfig> encoders() {
    return EncoderConfigs.causal();
  }

  @ParameterizedTest
  @MethodSource("encoders")
  void aModelFromDiskSaysWhatTheOneInMemorySays(EncoderConfig config) throws IOException {
    Model model = TrainedModels.briefly(SESSIONS, config);
    model.save(folder.resolve("model"));
    ServingModel memory = ServingModel.of(Model.load(folder.resolve("model")));
    ServingModel disk = ServingModel.open(folder.resolve("model"));
    assertThat(disk.version()).isEqualTo(memory.version()).hasSize(64);
    List<String> clicks = List.of("b", "unheard of", "d", "a", "a", "c", "b");
    SessionVector vector = disk.vector(clicks);
    assertThat(vector.query()).containsExactly(memory.vector(clicks).query());
    assertThat(vector.attention()).containsExactly(memory.vector(clicks).attention());
    assertThat(vector.clicks()).endsWith(2);
    float[] scores = new float[5];
    float[] same = new float[5];
    disk.items().scores(vector.query(), 0, 5, scores);
    memory.items().scores(vector.query(), 0, 5, same);
    assertThat(scores).containsExactly(same);
    assertThat(scores[0]).isZero();
    assertThat(disk.vector(List.of("unheard of")).isEmpty()).isTrue();
  }

  @ParameterizedTest
  @MethodSource("encoders")
  void aModelInUseMayBeReplacedOnDisk(EncoderConfig config) throws IOException {
    Path directory = folder.resolve("model");
    TrainedModels.briefly(SESSIONS, config).save(directory);
    ServingModel model = ServingModel.open(directory);
    float[] before = model.vector(List.of("a", "b")).query();
    Model next = TrainedModels.briefly(SESSIONS, config);
    Map<String, Tensor> weights = new HashMap<>(next.weights());
    Tensor items = weights.get(Model.ITEMS);
    weights.put(Model.ITEMS, new Tensor(items.shape(), new float[items.values().length]));
    new Model(next.manifest(), next.vocabulary(), next.counts(), weights).save(directory);
    assertThat(model.vector(List.of("a", "b")).query()).containsExactly(before);
    assertThat(ServingModel.open(directory).version()).isNotEqualTo(model.version());
  }

  /** Ways in which other processes may modify a file in use. */
  enum Harm {
    SAME_SIZE,
    SHORTER,
    EMPTY,
    GONE;

    void to(Path file) throws IOException {
      switch (this) {
        case SAME_SIZE -> overwrite(file, Math.toIntExact(Files.size(file)));
        case SHORTER -> overwrite(file, 100);
        case EMPTY -> overwrite(file, 0);
        case GONE -> Files.delete(file);
      }
    }

    /** Like {@code cp}: the same file with other bytes. */
    private static void overwrite(Path file, int size) throws IOException {
      Files.write(file, new byte[size]);
    }
  }

  @Test
  void aModelWhoseFilesAreOverwrittenInPlaceGoesOnAnswering() throws Exception {
    for (EncoderConfig config : List.of(
        encoders().findFirst().orElseThrow(),
        encoders().filter(each -> !each.similarity().tied()).findFirst().orElseThrow())) {
      Path directory = folder.resolve("in use");
      TrainedModels.briefly(SESSIONS, config).save(directory);
      ServingModel model = ServingModel.open(directory);
      float[] expected = answer(model);
      AtomicBoolean done = new AtomicBoolean();
      AtomicLong answers = new AtomicLong();
      try (ExecutorService searching = Executors.newSingleThreadExecutor()) {
        Future<?> search = searching.submit(() -> {
          while (!done.get()) {
            assertThat(answer(model)).containsExactly(expected);
            answers.incrementAndGet();
          }
        });
        for (Harm harm : Harm.values()) {
          for (String file : List.of("weights.safetensors", "vocabulary.json", "manifest.json")) {
            harm.to(directory.resolve(file));
            long seen = answers.get();
            while (answers.get() < seen + 20 && !search.isDone()) {
              Thread.onSpinWait();
            }
          }
        }
        done.set(true);
        search.get();
      }
      assertThatThrownBy(() -> ServingModel.open(directory)).isInstanceOf(ModelException.class);
    }
  }

  /** The scores of all items after a session. */
  private static float[] answer(ServingModel model) {
    float[] scores = new float[5];
    model.items().scores(model.vector(List.of("b", "c")).query(), 0, 5, scores);
    return scores;
  }

  @ParameterizedTest
  @MethodSource("encoders")
  void aWeightOfAnotherShapeOrNoneIsNamed(EncoderConfig config) throws IOException {
    Model model = TrainedModels.briefly(SESSIONS, config);
    for (String name : model.weights().keySet()) {
      Map<String, Tensor> weights = new HashMap<>(model.weights());
      weights.put(name, new Tensor(new long[] {1, 2}, new float[2]));
      Model broken = new Model(model.manifest(), model.vocabulary(), model.counts(), weights);
      assertThatThrownBy(() -> ServingModel.of(broken))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("weight " + name + " should");
      broken.save(folder.resolve("broken"));
      assertThatThrownBy(() -> ServingModel.open(folder.resolve("broken")))
          .isInstanceOf(ModelException.class)
          .hasMessageContaining("weights.safetensors")
          .hasMessageContaining("weight " + name + " should");
      weights.remove(name);
      assertThatThrownBy(() -> ServingModel.of(broken))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(name);
    }
  }

  @ParameterizedTest
  @MethodSource("encoders")
  void aBrokenItemVectorIsAnErrorAndNoAnswer(EncoderConfig config) throws IOException {
    Model model = TrainedModels.briefly(SESSIONS, config);
    Map<String, Tensor> weights = new HashMap<>(model.weights());
    String table = config.similarity().tied() ? Model.ITEMS : Model.INPUTS;
    Tensor items = weights.get(table);
    float[] values = items.values().clone();
    values[3 * config.dimension()] = Float.NaN;
    weights.put(table, new Tensor(items.shape(), values));
    ServingModel broken =
        ServingModel.of(new Model(model.manifest(), model.vocabulary(), model.counts(), weights));
    assertThat(broken.vector(List.of("a", "b")).query()).doesNotContain(Float.NaN);
    assertThatThrownBy(() -> broken.vector(List.of("b", "c")))
        .isInstanceOf(ArithmeticException.class)
        .hasMessageContaining("not finite");
  }

  @ParameterizedTest
  @MethodSource("encoders")
  void aRowThatIsNoItemsIsAnError(EncoderConfig config) throws IOException {
    IncrementalEncoder encoder =
        ServingModel.of(TrainedModels.briefly(SESSIONS, config)).encoder();
    for (int row : new int[] {-1, 0, 5}) {
      assertThatThrownBy(() -> encoder.advance(encoder.start(), row))
          .isInstanceOf(IndexOutOfBoundsException.class);
    }
  }
}
