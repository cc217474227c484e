package io.attune.opensearch;

import java.util.List;
import org.apache.lucene.index.LeafReaderContext;
import org.jspecify.annotations.Nullable;
import org.opensearch.common.document.DocumentField;
import org.opensearch.search.fetch.FetchContext;
import org.opensearch.search.fetch.FetchSubPhase;
import org.opensearch.search.fetch.FetchSubPhaseProcessor;

/**
 * Adds the name of the model to each hit that was ranked by a session, in the field
 * {@value #FIELD}.
 */
final class ModelNameFetchPhase implements FetchSubPhase {
  static final String FIELD = "attune_model";

  @Override
  public @Nullable FetchSubPhaseProcessor getProcessor(FetchContext context) {
    List<SessionRescore> rescores = context.rescore().stream()
        .filter(SessionRescore.class::isInstance)
        .map(SessionRescore.class::cast)
        .toList();
    return rescores.isEmpty() ? null : new Processor(rescores);
  }

  private record Processor(List<SessionRescore> rescores) implements FetchSubPhaseProcessor {
    @Override
    public void setNextReader(LeafReaderContext leaf) {}

    @Override
    public void process(HitContext hit) {
      List<Object> names = rescores.stream()
          .filter(rescore -> rescore.isRescored(hit.hit().docId()))
          .map(SessionRescore::session)
          .filter(RequestSession.Encoded.class::isInstance)
          .map(session -> (Object) ((RequestSession.Encoded) session).modelVersion())
          .distinct()
          .toList();
      if (!names.isEmpty()) {
        hit.hit().setDocumentField(FIELD, new DocumentField(FIELD, names));
      }
    }
  }
}
