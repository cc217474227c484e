package io.attune.lucene;

import io.attune.incremental.IncrementalEncoder;
import io.attune.model.ClickedCorrection;
import io.attune.model.ClickedFeatures;
import io.attune.model.GruConfig;
import io.attune.serving.ServingModel;
import io.attune.serving.SessionVector;
import io.attune.session.Vocabulary;
import io.attune.vector.ClickedScores;
import io.attune.vector.ItemVectors;
import io.attune.vector.Tensor;
import java.io.IOException;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.StringField;
import org.apache.lucene.index.IndexReader;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.store.Directory;
import org.apache.lucene.tests.index.RandomIndexWriter;
import org.apache.lucene.tests.util.LuceneTestCase;

/**
 * An index of items in a few segments, some of them deleted, a model that knows three quarters of
 * them, and a session.
 */
abstract class SearchedItemsTestCase extends LuceneTestCase {
  private static final int KNOWN = 150; // items of the model; the index has more
  static final int DOCS = 200;
  static final int D = 12;

  private Directory directory;
  IndexReader reader;
  IndexSearcher searcher;
  ServingModel model;
  SessionVector session;

  @Override
  public void setUp() throws Exception {
    super.setUp();
    model = model(random(), D);
    // In half of the runs the model corrects the scores of clicked items.
    ClickedScores clicked = random().nextBoolean()
        ? ClickedScores.NONE
        : new ClickedScores(
            new int[] {3, 7, 9, 40}, new float[] {1.5f, -2, 20, -7}, new int[] {40, 3, 7, 9});
    session = new SessionVector(
        "test", vector(random(), D), clicked, new int[] {3, 7, 9}, new float[] {0.2f, 0.7f, 0.1f});
    directory = newDirectory();
    try (RandomIndexWriter writer = new RandomIndexWriter(random(), directory)) {
      for (int i = 1; i <= DOCS; i++) {
        String words = random().nextBoolean() ? "red shoe" : "red red boot";
        Document document = ItemDocuments.of("i" + i, Map.of("title", words), model);
        document.add(new StringField("even", Boolean.toString(i % 2 == 0), Field.Store.NO));
        writer.addDocument(document);
        if (rarely()) {
          writer.commit();
        }
      }
      for (int i = 0; i < 10; i++) {
        writer.deleteDocuments(new Term("id", "i" + (1 + random().nextInt(DOCS))));
      }
      reader = writer.getReader();
    }
    searcher = new IndexSearcher(reader);
  }

  @Override
  public void tearDown() throws Exception {
    reader.close();
    directory.close();
    super.tearDown();
  }

  SessionRescorer rescorer(ItemSource source, Blend blend, int window) {
    return new SessionRescorer(
        source, session, SessionRescorer.Settings.defaults().withBlend(blend).withWindow(window));
  }

  String id(ScoreDoc hit) {
    try {
      return searcher.storedFields().document(hit.doc).get("id");
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  int row(ScoreDoc hit) {
    return model.vocabulary().row(id(hit));
  }

  float score(ScoreDoc hit) {
    int row = row(hit);
    return row == 0 ? Float.NEGATIVE_INFINITY : score(row);
  }

  /** The plain computation. */
  float score(int row) {
    return model.items().dot(session.query(), row) + session.clicked().of(row);
  }

  static float[] vector(Random random, int dimension) {
    float[] values = new float[dimension];
    for (int i = 0; i < dimension; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  /** A model of random weights. */
  static ServingModel model(Random random, int dimension) {
    return model(random, dimension, "test");
  }

  static ServingModel model(Random random, int dimension, String version) {
    Vocabulary vocabulary =
        Vocabulary.of(IntStream.rangeClosed(1, KNOWN).mapToObj(i -> "i" + i).toList());
    float[] table = new float[(KNOWN + 1) * dimension];
    for (int row = 1; row <= KNOWN; row++) {
      System.arraycopy(vector(random, dimension), 0, table, row * dimension, dimension);
    }
    ItemVectors items = ItemVectors.of(new Tensor(new long[] {KNOWN + 1, dimension}, table));
    GruConfig config = GruConfig.builder().dimension(dimension).hidden(2).build();
    Map<String, Tensor> weights = Map.of(
        "gru.w_ih", new Tensor(new long[] {6, dimension}, vector(random, 6 * dimension)),
        "gru.w_hh", new Tensor(new long[] {6, 2}, vector(random, 12)),
        "gru.b_ih", new Tensor(new long[] {6}, vector(random, 6)),
        "gru.b_hh", new Tensor(new long[] {6}, vector(random, 6)),
        "decoder.b", new Tensor(new long[] {2, dimension}, vector(random, 2 * dimension)));
    ClickedCorrection correction = random.nextBoolean()
        ? ClickedCorrection.NONE
        : new ClickedCorrection(vector(random, ClickedFeatures.COUNT));
    return new ServingModel(
        version,
        vocabulary,
        items,
        IncrementalEncoder.of(config, weights, items),
        correction,
        null,
        null);
  }
}
