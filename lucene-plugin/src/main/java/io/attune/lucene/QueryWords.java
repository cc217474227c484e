package io.attune.lucene;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.BooleanClause;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.QueryVisitor;
import org.apache.lucene.search.SynonymQuery;
import org.apache.lucene.util.BytesRef;
import org.apache.lucene.util.automaton.ByteRunAutomaton;

/**
 * Counts the words of a query as its author would: different words of the field in which it has
 * most of them, since the same words are often searched in several fields. Synonyms count as one
 * word, a pattern as one, filters and excluded words not at all.
 */
final class QueryWords extends QueryVisitor {
  private final Map<String, Set<Object>> words = new HashMap<>(); // by field

  private QueryWords() {}

  /** The number of words of a query; 0 for one without words. */
  static int count(Query query) {
    QueryWords counted = new QueryWords();
    query.visit(counted);
    return counted.words.values().stream().mapToInt(Set::size).max().orElse(0);
  }

  private void add(String field, Object word) {
    words.computeIfAbsent(field, name -> new HashSet<>()).add(word);
  }

  @Override
  public void consumeTerms(Query query, Term... terms) {
    if (query instanceof SynonymQuery) {
      add(terms[0].field(), query);
      return;
    }
    for (Term term : terms) {
      add(term.field(), BytesRef.deepCopyOf(term.bytes()));
    }
  }

  @Override
  public void consumeTermsMatching(
      Query query, String field, Supplier<ByteRunAutomaton> automaton) {
    add(field, query);
  }

  @Override
  public QueryVisitor getSubVisitor(BooleanClause.Occur occur, Query parent) {
    boolean scored = occur == BooleanClause.Occur.MUST || occur == BooleanClause.Occur.SHOULD;
    return scored ? this : QueryVisitor.EMPTY_VISITOR;
  }
}
