package io.attune.lucene;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.BooleanClause.Occur;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.BoostQuery;
import org.apache.lucene.search.DisjunctionMaxQuery;
import org.apache.lucene.search.MatchAllDocsQuery;
import org.apache.lucene.search.PhraseQuery;
import org.apache.lucene.search.PrefixQuery;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.SynonymQuery;
import org.apache.lucene.search.TermQuery;
import org.junit.jupiter.api.Test;

final class QueryWordsTest {
  private static Query term(String field, String word) {
    return new TermQuery(new Term(field, word));
  }

  private static Query any(Query... queries) {
    BooleanQuery.Builder any = new BooleanQuery.Builder();
    for (Query query : queries) {
      any.add(query, Occur.SHOULD);
    }
    return any.build();
  }

  @Test
  void theSameWordsInSeveralFieldsAreCountedOnce() {
    assertThat(QueryWords.count(ItemIndex.textQuery(List.of("brand", "title"), "red shoes red")))
        .isEqualTo(2);
    Query fields = new DisjunctionMaxQuery(
        List.of(
            any(term("stemmed", "red"), term("stemmed", "shoe")),
            new BoostQuery(any(term("title", "red"), term("title", "shoes")), 2)),
        0);
    assertThat(QueryWords.count(fields)).isEqualTo(2);
  }

  @Test
  void phrasesHaveAllTheirWordsAndSynonymsAndPatternsCountAsOne() {
    assertThat(QueryWords.count(new PhraseQuery("title", "red", "winter", "boot")))
        .isEqualTo(3);
    Query synonyms = new SynonymQuery.Builder("title")
        .addTerm(new Term("title", "sofa"))
        .addTerm(new Term("title", "couch"))
        .build();
    assertThat(QueryWords.count(any(synonyms, term("title", "red")))).isEqualTo(2);
    assertThat(QueryWords.count(new PrefixQuery(new Term("title", "boo")))).isEqualTo(1);
  }

  @Test
  void filtersAndExcludedWordsDoNotCount() {
    Query query = new BooleanQuery.Builder()
        .add(term("title", "red"), Occur.MUST)
        .add(term("category", "shoes"), Occur.FILTER)
        .add(term("title", "used"), Occur.MUST_NOT)
        .build();
    assertThat(QueryWords.count(query)).isEqualTo(1);
    assertThat(QueryWords.count(MatchAllDocsQuery.INSTANCE)).isZero();
  }
}
