package io.attune.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.attune.baseline.Baseline;
import io.attune.baseline.BaselineModel;
import io.attune.baseline.Ensemble;
import io.attune.batch.BatchOptions.Fallback;
import io.attune.batch.Recommendations.Origin;
import io.attune.encoder.EncoderConfigs;
import io.attune.encoder.NeuralRecommender;
import io.attune.model.ComputeDevice;
import io.attune.model.EncoderConfig;
import io.attune.model.Model;
import io.attune.model.ModelException;
import io.attune.model.NarmConfig;
import io.attune.recommender.Popularity;
import io.attune.recommender.Prefix;
import io.attune.recommender.Recommendation;
import io.attune.recommender.Recommender;
import io.attune.recommender.SparseRecommender;
import io.attune.recommender.TrainedModels;
import io.attune.saved.SavedModel;
import io.attune.session.Sessions;
import io.attune.session.Vocabulary;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BatchRecommenderTest {
  private static final int ITEMS = 300;

  @TempDir
  private Path folder;

  private final List<SavedModel> models = new ArrayList<>();
  private final List<SessionClicks> asked = new ArrayList<>();
  private Sessions sessions = Sessions.of(Vocabulary.of(List.of()), List.of());
  private Candidates all = new Candidates(new int[0], 0);

  @BeforeAll
  void train() throws IOException {
    SplittableRandom random = new SplittableRandom(6);
    List<int[]> rows = new ArrayList<>();
    for (int s = 0; s < 400; s++) {
      int at = (int) (ITEMS * Math.pow(random.nextDouble(), 2));
      int[] session = new int[2 + random.nextInt(s % 10 == 0 ? 60 : 9)];
      for (int i = 0; i < session.length; i++) {
        session[i] = 1 + Math.floorMod(at + random.nextInt(5), ITEMS);
      }
      rows.add(session);
    }
    Vocabulary vocabulary =
        Vocabulary.of(IntStream.rangeClosed(1, ITEMS).mapToObj(i -> "i" + i).toList());
    sessions = Sessions.of(vocabulary, rows);
    all = Candidates.all(vocabulary);
    // One encoder of each kind, and one that sees all clicks.
    List<EncoderConfig> encoders = List.copyOf(EncoderConfigs.all()
        .collect(Collectors.toMap(
            each -> each.getClass().getName() + each.equals(EncoderConfigs.bidirectional()),
            each -> each,
            (a, b) -> b))
        .values());
    for (EncoderConfig encoder : encoders) {
      Model model = TrainedModels.briefly(sessions, encoder);
      models.add(new SavedModel.Engine(
          model, NeuralRecommender.load(model, encoder.toString(), ComputeDevice.CPU)));
      if (encoder instanceof NarmConfig || encoder.equals(EncoderConfigs.bidirectional())) {
        Model corrected = TrainedModels.corrected(model, 2);
        models.add(new SavedModel.Engine(
            corrected,
            NeuralRecommender.load(corrected, "corrected " + encoder, ComputeDevice.CPU)));
      }
    }
    for (String baseline : List.of("v-sknn:k=30,sample=100", "sr", "pop")) {
      models.add(BaselineModel.of(Baseline.parse(baseline), sessions).open());
    }
    for (int s = 0; s < 300; s++) {
      int[] clicks = random.ints(random.nextInt(25), 0, ITEMS + 1).toArray();
      // Some have times, which one of the encoders looks at.
      long[] times =
          random.longs(s % 3 == 0 ? 0 : clicks.length, 0, 1L << 30).sorted().toArray();
      asked.add(new SessionClicks("s" + s, clicks, times));
    }
    asked.add(new SessionClicks("nobody", new int[] {0, 0}));
  }

  @AfterAll
  void close() {
    models.forEach(SavedModel::close);
  }

  Stream<SavedModel> models() {
    return models.stream();
  }

  @ParameterizedTest(autoCloseArguments = false)
  @MethodSource("models")
  void aSessionGetsTheBestItemsOfItsRecommender(SavedModel model) {
    for (boolean exclude : new boolean[] {false, true}) {
      List<Recommendations> made =
          made(model, all, new BatchOptions(7, exclude, null, Fallback.NONE), 2);
      assertThat(made).extracting(Recommendations::session).isEqualTo(ids());
      assertBest(model.recommender(), exclude, made);
    }
  }

  /** Compares with the scores of the recommender, which are the engine's where there is one. */
  private void assertBest(Recommender recommender, boolean exclude, List<Recommendations> made) {
    List<Prefix> prefixes = asked.stream().map(SessionClicks::knownClicks).toList();
    int stride = ITEMS + 1;
    float[] all = new float[prefixes.size() * stride];
    recommender.score(prefixes, all);
    for (int s = 0; s < made.size(); s++) {
      Prefix prefix = prefixes.get(s);
      float[] scores = Arrays.copyOfRange(all, s * stride, (s + 1) * stride);
      List<Integer> expected = IntStream.rangeClosed(1, ITEMS)
          .boxed()
          .filter(row -> !(recommender instanceof SparseRecommender) || scores[row] > 0)
          .filter(row -> prefix.length() > 0 && !(exclude && prefix.contains(row)))
          .sorted((x, y) -> Float.compare(scores[y], scores[x])) // stable: lower row first
          .limit(7)
          .toList();
      Recommendations each = made.get(s);
      assertThat(each.rows()).hasSize(expected.size()).doesNotHaveDuplicates();
      for (int i = 0; i < each.rows().length; i++) {
        assertThat(each.scores()[i]).isCloseTo(scores[expected.get(i)], within(1e-4f));
        assertThat(scores[each.rows()[i]]).isCloseTo(each.scores()[i], within(1e-4f));
        assertThat(exclude && prefix.contains(each.rows()[i])).isFalse();
      }
    }
  }

  @ParameterizedTest(autoCloseArguments = false)
  @MethodSource("models")
  void amongFewItemsAnApproximateSearchMissesNoneAndSaysSo(SavedModel model) {
    BatchOptions exact = new BatchOptions(7, true, null, Fallback.POPULAR);
    BatchOptions nearly =
        new BatchOptions(7, true, null, Fallback.POPULAR, BatchOptions.Search.APPROXIMATE);
    assertThat(words(made(model, all, nearly, 2))).isEqualTo(words(made(model, all, exact, 2)));
    try (BatchRecommender batch = BatchRecommender.of(model, all, nearly, 1)) {
      assertThat(batch.recall()).isEmpty();
      batch.recommend(asked.iterator()).next();
      if (model instanceof SavedModel.Baseline) {
        assertThat(batch.recall()).isEmpty();
      } else {
        assertThat(batch.recall()).isPresent();
        assertThat(batch.recall().get().sessions()).isPositive();
        assertThat(batch.recall().get().recall()).isEqualTo(1);
      }
    }
  }

  @ParameterizedTest(autoCloseArguments = false)
  @MethodSource("models")
  void whatASessionGetsDependsNeitherOnOthersNorOnThreads(SavedModel model) {
    BatchOptions options = new BatchOptions(7, true, null, Fallback.POPULAR);
    List<String> together = words(made(model, all, options, 2));
    assertThat(words(made(model, all, options, 1))).isEqualTo(together);
    try (BatchRecommender batch = BatchRecommender.of(model, all, options, 1)) {
      for (int i = 0; i < asked.size(); i += 37) {
        Iterator<Recommendations> alone = batch.recommend(List.of(asked.get(i)).iterator());
        assertThat(words(List.of(alone.next()))).containsExactly(together.get(i));
        assertThat(alone.hasNext()).isFalse();
      }
    }
  }

  @ParameterizedTest(autoCloseArguments = false)
  @MethodSource("models")
  void aModelInPlainJavaRecommendsAsItDoesWithTheEngine(SavedModel model) throws IOException {
    Path directory = folder.resolve("plain" + models.indexOf(model));
    switch (model) {
      case SavedModel.Engine neural -> neural.model().save(directory);
      case SavedModel.Baseline baseline -> save(baseline, directory);
      case SavedModel.Incremental plain -> throw new AssertionError("none was made");
    }
    if (model instanceof SavedModel.Engine neural
        && neural.model().manifest().encoder().equals(EncoderConfigs.bidirectional())) {
      assertThatThrownBy(() -> SavedModel.openIncremental(directory, "plain"))
          .isInstanceOf(ModelException.class)
          .hasMessageContaining(directory.toString());
      return;
    }
    try (SavedModel plain = SavedModel.openIncremental(directory, "plain")) {
      assertThat(plain.counts()).isEqualTo(model.counts());
      assertThat(plain.recommender().vocabulary().ids())
          .isEqualTo(model.vocabulary().ids());
      assertBest(
          model.recommender(),
          true,
          made(plain, all, new BatchOptions(7, true, null, Fallback.NONE), 2));
    }
  }

  private void save(SavedModel.Baseline baseline, Path directory) throws IOException {
    BaselineModel.of(Baseline.parse(baseline.settings()), sessions).save(directory);
  }

  @Test
  void anEnsembleRecommendsByItsScores() {
    SavedModel.Engine neural = (SavedModel.Engine) models.getFirst();
    SparseRecommender knn = (SparseRecommender) models.get(models.size() - 3).recommender();
    Ensemble both = new Ensemble("both", neural.recommender(), knn, Ensemble.DEFAULT);
    BatchOptions options = new BatchOptions(7, true, null, Fallback.NONE);
    try (BatchRecommender batch = BatchRecommender.of(both, neural.counts(), all, options, 2)) {
      List<Recommendations> made = new ArrayList<>();
      batch.recommend(asked.iterator()).forEachRemaining(made::add);
      assertBest(both, true, made);
    }
  }

  @ParameterizedTest(autoCloseArguments = false)
  @MethodSource("models")
  void onlyCandidatesAreRecommended(SavedModel model) {
    Candidates some =
        Candidates.of(model.vocabulary(), List.of("i3", "i50", "i7", "i7", "unheard of", "i299"));
    assertThat(some.unknown()).isEqualTo(1);
    assertThat(some.rows()).containsExactly(3, 7, 50, 299);
    List<Recommendations> made =
        made(model, some, new BatchOptions(5, false, null, Fallback.POPULAR), 2);
    Set<Integer> allowed = Set.of(3, 7, 50, 299);
    assertThat(made)
        .allSatisfy(each -> assertThat(Arrays.stream(each.rows()).boxed())
            .hasSizeLessThanOrEqualTo(4)
            .isSubsetOf(allowed));
    assertThat(made.stream().filter(each -> each.rows().length > 0)).isNotEmpty();
  }

  @ParameterizedTest(autoCloseArguments = false)
  @MethodSource("models")
  void itemsBelowTheMinimumScoreAreLeftOut(SavedModel model) {
    BatchOptions every = new BatchOptions(7, false, null, Fallback.NONE);
    List<Recommendations> whole = made(model, all, every, 1);
    float least = whole.getFirst().scores().length > 3 ? whole.getFirst().scores()[3] : 1;
    List<Recommendations> made =
        made(model, all, new BatchOptions(7, false, least, Fallback.NONE), 1);
    for (int i = 0; i < made.size(); i++) {
      int expected = 0;
      for (float score : whole.get(i).scores()) {
        expected += score >= least ? 1 : 0;
      }
      assertThat(made.get(i).rows()).containsExactly(Arrays.copyOf(whole.get(i).rows(), expected));
    }
  }

  @Test
  void aSessionOfWhichNothingIsKnownGetsThePopularItemsMarked() {
    SavedModel model = models.getFirst();
    BatchOptions options = new BatchOptions(4, true, 1e9f, Fallback.POPULAR);
    Recommendations last = made(model, all, options, 1).getLast();
    assertThat(last.session()).isEqualTo("nobody");
    assertThat(last.origin()).isEqualTo(Origin.POPULAR);
    List<Recommendation> popular = Popularity.of(sessions).top(new Prefix(new int[0], 0), 4, false);
    assertThat(last.rows())
        .containsExactly(popular.stream().mapToInt(Recommendation::row).toArray());
    assertThat(last.scores()[0]).isEqualTo(popular.getFirst().score());
    // The others have clicks, so that a minimum score leaves them nothing rather than that.
    assertThat(
            made(model, all, options, 1).stream().filter(each -> each.origin() == Origin.POPULAR))
        .allMatch(each -> prefix(each.session()).length() == 0);
    BatchOptions none = new BatchOptions(4, true, null, Fallback.NONE);
    assertThat(made(model, all, none, 1).getLast().rows()).isEmpty();
  }

  @Test
  void wherePopularItemsStandInClickedOnesStayExcluded() {
    // A baseline has nothing to say after an item without neighbours.
    Vocabulary vocabulary = Vocabulary.of(List.of("alone", "a", "b"));
    Sessions small = Sessions.of(
        vocabulary, List.of(new int[] {1}, new int[] {1}, new int[] {1}, new int[] {2, 3}));
    SavedModel sr = BaselineModel.of(Baseline.parse("sr"), small).open();
    BatchOptions options = new BatchOptions(2, true, null, Fallback.POPULAR);
    try (BatchRecommender batch = BatchRecommender.of(sr, Candidates.all(vocabulary), options, 1)) {
      Recommendations made = batch
          .recommend(List.of(SessionClicks.of(vocabulary, "x", List.of("alone", "new")))
              .iterator())
          .next();
      assertThat(made.origin()).isEqualTo(Origin.POPULAR);
      assertThat(made.rows()).containsExactly(2, 3);
    }
  }

  @ParameterizedTest(autoCloseArguments = false)
  @MethodSource("models")
  void aSessionOfTenThousandClicksIsOneLikeOthers(SavedModel model) {
    int[] clicks = new SplittableRandom(2).ints(10_000, 1, ITEMS + 1).toArray();
    BatchOptions options = new BatchOptions(5, false, null, Fallback.POPULAR);
    try (BatchRecommender batch = BatchRecommender.of(model, all, options, 2)) {
      Iterator<Recommendations> made = batch.recommend(
          List.of(asked.get(3), new SessionClicks("long", clicks)).iterator());
      assertThat(words(List.of(made.next())))
          .isEqualTo(words(made(model, all, options, 1)).subList(3, 4));
      Recommendations longest = made.next();
      assertThat(longest.rows()).isNotEmpty();
      assertThat(longest.origin()).isEqualTo(Origin.SESSION);
    }
  }

  @Test
  void sessionsAreReadOnlySomewhatAhead() {
    int[] read = {0};
    Iterator<SessionClicks> endless =
        Stream.generate(() -> asked.get(read[0]++ % 100)).iterator();
    BatchOptions options = new BatchOptions(5, false, null, Fallback.POPULAR);
    try (BatchRecommender batch = BatchRecommender.of(models.getLast(), all, options, 2)) {
      Iterator<Recommendations> made = batch.recommend(endless);
      assertThat(read[0]).isZero();
      made.next();
      assertThat(read[0]).isBetween(1, 10_000);
      for (int i = 0; i < 20_000; i++) {
        made.next();
      }
      assertThat(read[0]).isBetween(20_000, 30_000);
    }
  }

  @Test
  void withoutSessionsThereIsNothing() {
    BatchOptions options = new BatchOptions(5, false, null, Fallback.POPULAR);
    try (BatchRecommender batch = BatchRecommender.of(models.getFirst(), all, options, 2)) {
      Iterator<Recommendations> none = batch.recommend(List.<SessionClicks>of().iterator());
      assertThat(none.hasNext()).isFalse();
    }
  }

  @Test
  void aFailureReachesTheCaller() {
    BatchOptions options = new BatchOptions(5, false, null, Fallback.POPULAR);
    for (int threads : new int[] {1, 2}) {
      try (BatchRecommender batch = BatchRecommender.of(models.getFirst(), all, options, threads)) {
        Iterator<Recommendations> made = batch.recommend(
            List.of(new SessionClicks("x", new int[] {ITEMS + 9})).iterator());
        assertThatThrownBy(made::next).isInstanceOf(RuntimeException.class);
      }
    }
    assertThatThrownBy(() -> new BatchOptions(0, false, null, Fallback.NONE))
        .hasMessageContaining("top must be from 1 to 10000, not 0");
    assertThatThrownBy(() -> new BatchOptions(1, false, Float.NaN, Fallback.NONE))
        .hasMessageContaining("minimum score");
  }

  @Test
  void aModelOfAnyKindIsOpenedFromItsDirectory() throws IOException {
    SavedModel.Engine neural = (SavedModel.Engine) models.getFirst();
    neural.model().save(folder.resolve("neural"));
    SavedModel.Baseline simple = (SavedModel.Baseline) models.get(models.size() - 3);
    save(simple, folder.resolve("simple"));
    BatchOptions options = new BatchOptions(5, false, null, Fallback.POPULAR);
    for (SavedModel saved : List.of(neural, simple)) {
      String name = saved instanceof SavedModel.Engine ? "neural" : "simple";
      try (SavedModel opened = SavedModel.open(folder.resolve(name), "x", ComputeDevice.CPU)) {
        assertThat(opened.counts()).isEqualTo(saved.counts());
        assertThat(opened.version()).isNotEmpty();
        assertThat(words(made(opened, all, options, 1)))
            .isEqualTo(words(made(saved, all, options, 1)));
      }
    }
    assertThat(models.get(models.size() - 3).version())
        .startsWith("v-sknn:")
        .isNotEqualTo(models.get(models.size() - 2).version());
    assertThatThrownBy(() -> SavedModel.open(folder.resolve("none"), "x", ComputeDevice.CPU))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("no such model");
  }

  private List<Recommendations> made(
      SavedModel model, Candidates candidates, BatchOptions options, int threads) {
    List<Recommendations> made = new ArrayList<>();
    try (BatchRecommender batch = BatchRecommender.of(model, candidates, options, threads)) {
      batch.recommend(asked.iterator()).forEachRemaining(made::add);
    }
    return made;
  }

  private List<String> ids() {
    return asked.stream().map(SessionClicks::session).toList();
  }

  private Prefix prefix(String session) {
    return asked.stream()
        .filter(each -> each.session().equals(session))
        .findFirst()
        .orElseThrow()
        .knownClicks();
  }

  /** Down to the last bit. */
  private static List<String> words(List<Recommendations> made) {
    return made.stream()
        .map(each -> each.session() + " " + each.origin() + Arrays.toString(each.rows())
            + Arrays.toString(each.scores()))
        .toList();
  }
}
