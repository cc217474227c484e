package io.attune.cli;

import io.attune.experiment.PositionBias;
import io.attune.experiment.SearchExperiment;
import io.attune.experiment.SearchExperiment.KnownItemQuery;
import io.attune.lucene.ItemDocuments;
import io.attune.lucene.ItemIndex;
import io.attune.recommender.Prefix;
import io.attune.recommender.Recommender;
import io.attune.serving.ServingModel;
import io.attune.serving.SessionVector;
import io.attune.session.Vocabulary;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.lucene.index.IndexReader;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreDoc;
import org.jspecify.annotations.Nullable;

/**
 * The hits of an experiment's queries: the items that were shown, or else those that an index finds
 * by the words. A shown item's first-pass score is that of the index, 0 if it has none of the
 * words; without an index there is none.
 */
final class BlendSearch implements BlendStudy.Search {
  /** Without an index the words of a query are still counted. */
  private static final List<String> UNINDEXED = List.of("words");

  private final ServingModel model;
  private final @Nullable WordSearch words;
  private final PositionBias positions;
  private final List<Recommender> baselines;

  /**
   * A search.
   *
   * @param reader an index of items with a text; null if all queries have shown items
   * @param positions how likely each position of shown items is looked at
   * @param baselines that score the hits as well
   */
  BlendSearch(
      ServingModel model,
      @Nullable IndexReader reader,
      PositionBias positions,
      List<Recommender> baselines)
      throws IOException {
    this.model = model;
    this.words = reader == null ? null : new WordSearch(reader);
    this.positions = positions;
    this.baselines = baselines;
  }

  @Override
  public BlendStudy.Hits hits(KnownItemQuery query) throws IOException {
    List<String> ids = query.shown();
    float[] first = new float[ids.size()];
    Arrays.fill(first, Float.NaN);
    double[] examination = positions.examination(ids);
    Query searched = ItemIndex.textQuery(words == null ? UNINDEXED : words.fields, query.text());
    if (words != null) {
      if (ids.isEmpty()) {
        ScoreDoc[] hits = words.searcher.search(searched, SearchExperiment.WINDOW).scoreDocs;
        ids = Arrays.stream(hits).map(hit -> words.ids.get(hit.doc)).toList();
        first = new float[hits.length];
        for (int i = 0; i < hits.length; i++) {
          first[i] = hits[i].score;
        }
        examination = new double[hits.length];
        Arrays.fill(examination, 1);
      } else {
        first = words.scores(searched, ids);
      }
    }
    List<String> hits = ids;
    return new BlendStudy.Hits(
        query,
        searched,
        first,
        scores(query.clicks(), hits),
        scores(query.otherClicks(), hits),
        baselines.stream()
            .map(baseline -> scores(baseline, query.clicks(), hits))
            .toArray(float[][]::new),
        examination,
        hits.indexOf(query.wanted()));
  }

  /** Whether the vector of an item is made of its words alone. */
  boolean isFromWords(String id) {
    return model.texts() != null && model.texts().isFromWords(model.vocabulary().row(id));
  }

  /** Scores by a session; as in a search, one of which the model knows nothing scores no hit. */
  private float[] scores(List<String> clicks, List<String> hits) {
    SessionVector session = model.vector(clicks);
    float[] scores = new float[hits.size()];
    for (int i = 0; i < scores.length; i++) {
      int row = model.vocabulary().row(hits.get(i));
      scores[i] = session.isEmpty() || row == Vocabulary.UNKNOWN
          ? Float.NaN
          : model.items().dot(session.query(), row) + session.clicked().of(row);
    }
    return scores;
  }

  /** Scores by a baseline, of which an item that it does not know has the least, 0. */
  private static float[] scores(Recommender baseline, List<String> clicks, List<String> hits) {
    Vocabulary vocabulary = baseline.vocabulary();
    int[] rows = clicks.stream()
        .mapToInt(vocabulary::row)
        .filter(row -> row != Vocabulary.UNKNOWN)
        .toArray();
    float[] all = new float[vocabulary.size() + 1];
    baseline.score(List.of(new Prefix(rows, rows.length)), all);
    all[Vocabulary.UNKNOWN] = 0;
    float[] scores = new float[hits.size()];
    for (int i = 0; i < scores.length; i++) {
      scores[i] = all[vocabulary.row(hits.get(i))];
    }
    return scores;
  }

  /** Searches an index of items by text. */
  private static final class WordSearch {
    final IndexSearcher searcher;
    final List<String> ids = new ArrayList<>(); // by document
    private final Map<String, Integer> docs = new HashMap<>();
    private final Collection<String> fields;

    WordSearch(IndexReader reader) throws IOException {
      this.searcher = new IndexSearcher(reader);
      this.fields = ItemIndex.textFields(reader);
      for (int doc = 0; doc < reader.maxDoc(); doc++) {
        String id = reader.storedFields().document(doc).get(ItemDocuments.ID);
        ids.add(id);
        docs.put(id, doc);
      }
    }

    float[] scores(Query searched, List<String> hits) throws IOException {
      float[] scores = new float[hits.size()];
      for (int i = 0; i < scores.length; i++) {
        Integer doc = docs.get(hits.get(i));
        scores[i] = doc == null ? 0 : searcher.explain(searched, doc).getValue().floatValue();
      }
      return scores;
    }
  }
}
