package io.attune.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.benmanes.caffeine.cache.Ticker;
import io.attune.baseline.Baseline;
import io.attune.baseline.BaselineModel;
import io.attune.batch.BatchOptions;
import io.attune.batch.BatchRecommender;
import io.attune.batch.Candidates;
import io.attune.batch.SessionClicks;
import io.attune.encoder.EncoderConfigs;
import io.attune.model.EncoderConfig;
import io.attune.recommender.TrainedModels;
import io.attune.saved.SavedModel;
import io.attune.session.Sessions;
import io.attune.session.Vocabulary;
import io.attune.vector.ItemVectors;
import java.io.File;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.StringTokenizer;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Serving in a class loader without an engine. */
class WithoutEngineTest {

  @TempDir
  private Path folder;

  static Stream<EncoderConfig> encoders() {
    return EncoderConfigs.causal();
  }

  /** Opens a model, adds clicks to a session and recommends; runs inside the class loader. */
  public static final class Search implements Callable<float[]> {
    private final Path directory;

    public Search(Path directory) {
      this.directory = directory;
    }

    @Override
    public float[] call() throws IOException {
      ServingModel model = ServingModel.open(directory);
      SessionStates states =
          SessionStates.builder(model, Ticker.disabledTicker()).build();
      states.append("visitor", "a");
      SessionVector vector = states.append("visitor", "c").vector();
      ItemVectors.Top top = model.items().top(vector.query(), 2, row -> row != 1);
      return top.scores();
    }
  }

  /** Opens a model of any kind and recommends in a batch; runs inside the class loader. */
  public static final class Batch implements Callable<float[]> {
    private final Path directory;

    public Batch(Path directory) {
      this.directory = directory;
    }

    @Override
    public float[] call() throws IOException {
      BatchOptions options = new BatchOptions(2, true, null, BatchOptions.Fallback.NONE);
      try (SavedModel model = SavedModel.openIncremental(directory, "plain");
          BatchRecommender batch =
              BatchRecommender.of(model, Candidates.all(model.vocabulary()), options, 1)) {
        SessionClicks session = SessionClicks.of(model.vocabulary(), "s", List.of("a", "c"));
        return batch.recommend(List.of(session).iterator()).next().scores();
      }
    }
  }

  @ParameterizedTest
  @MethodSource("encoders")
  void aModelIsServedWhereThereIsNoEngine(EncoderConfig config) throws Exception {
    Sessions sessions = Sessions.of(
        Vocabulary.of(List.of("a", "b", "c", "d")),
        List.of(new int[] {1, 2, 3}, new int[] {2, 3, 4}, new int[] {3, 4, 1, 2}));
    TrainedModels.briefly(sessions, config).save(folder.resolve("model"));
    assertSameWithoutEngine(new Search(folder.resolve("model")));
    assertSameWithoutEngine(new Batch(folder.resolve("model")));
  }

  @Test
  void aBaselineIsServedWhereThereIsNoEngine() throws Exception {
    Sessions sessions = Sessions.of(
        Vocabulary.of(List.of("a", "b", "c", "d")),
        List.of(new int[] {1, 2, 3}, new int[] {2, 3, 4}, new int[] {3, 4, 1, 2}));
    BaselineModel.of(Baseline.parse("sr"), sessions).save(folder.resolve("model"));
    assertSameWithoutEngine(new Batch(folder.resolve("model")));
  }

  private void assertSameWithoutEngine(Callable<float[]> task) throws Exception {
    float[] expected = task.call();
    assertThat(expected).isNotEmpty();
    try (URLClassLoader engineless = engineless()) {
      Class<?> type = engineless.loadClass(task.getClass().getName());
      assertThat(type.getClassLoader()).isSameAs(engineless);
      Object made = type.getConstructor(Path.class).newInstance(folder.resolve("model"));
      assertThat((float[]) ((Callable<?>) made).call()).containsExactly(expected);
    }
  }

  @Test
  void theClassLoaderReallyHasNoEngine() throws IOException {
    try (URLClassLoader engineless = engineless()) {
      assertThatThrownBy(() -> engineless.loadClass("ai.djl.ndarray.NDArray"))
          .isInstanceOf(ClassNotFoundException.class);
    }
    assertThat(getClass().getClassLoader().getResource("ai/djl/ndarray/NDArray.class"))
        .isNotNull();
  }

  /** The class path of this test without the engine's jars. */
  private static URLClassLoader engineless() throws MalformedURLException {
    List<URL> urls = new ArrayList<>();
    StringTokenizer entries =
        new StringTokenizer(System.getProperty("java.class.path"), File.pathSeparator);
    while (entries.hasMoreTokens()) {
      String entry = entries.nextToken();
      String name = entry.replace('\\', '/');
      if (!name.contains("/ai/djl/")) {
        urls.add(Path.of(entry).toUri().toURL());
      }
    }
    return new URLClassLoader(urls.toArray(new URL[0]), ClassLoader.getPlatformClassLoader());
  }
}
