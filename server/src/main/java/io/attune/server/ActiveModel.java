package io.attune.server;

import io.attune.lucene.ItemSource;
import io.attune.model.Manifest;
import io.attune.model.Model;
import io.attune.model.TextVectors;
import io.attune.serving.ServingModel;
import io.attune.serving.SessionVector;
import io.attune.vector.ClickedScores;
import io.attune.vector.ItemVectors;
import io.attune.vector.QuantizedVectors;
import io.attune.vector.TopK;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.util.Bits;
import org.jspecify.annotations.Nullable;

/**
 * A model in use, with all that depends on it: a copy of its items for scans, the popular items,
 * the join of the catalogue's documents with its rows, and the version before it. Immutable and
 * thread-safe.
 */
final class ActiveModel {
  /** Below this share of the items, candidates are scored one by one. */
  private static final int FEW = 16;

  private final ServingModel model;
  private final Manifest manifest;
  private final @Nullable QuantizedVectors quantized;
  private final int[] popular; // all rows, most clicked first
  private final @Nullable Joined joined;
  private final @Nullable ActiveModel previous;

  /**
   * The documents of a catalogue by the rows of a model.
   *
   * @param source the vectors of documents
   * @param docs (V + 1): the document of each row, or -1
   * @param listed the rows that have one
   */
  private record Joined(Catalogue catalogue, ItemSource.Joined source, int[] docs, BitSet listed) {
    static Joined of(Catalogue catalogue, ServingModel model) throws IOException {
      ItemSource.Joined source = new ItemSource.Joined(catalogue.idField(), model);
      int[] docs = new int[model.vocabulary().size() + 1];
      Arrays.fill(docs, -1);
      BitSet listed = new BitSet(docs.length);
      for (LeafReaderContext leaf : catalogue.reader().leaves()) {
        Bits live = leaf.reader().getLiveDocs();
        for (int doc = 0; doc < leaf.reader().maxDoc(); doc++) {
          int row = live == null || live.get(doc) ? source.row(leaf, doc) : 0;
          if (row != 0) {
            docs[row] = leaf.docBase + doc;
            listed.set(row);
          }
        }
      }
      return new Joined(catalogue, source, docs, listed);
    }

    /** The rows whose document matches. */
    BitSet rows(BitSet matching) {
      BitSet rows = new BitSet(docs.length);
      for (int row = listed.nextSetBit(0); row >= 0; row = listed.nextSetBit(row + 1)) {
        rows.set(row, matching.get(docs[row]));
      }
      return rows;
    }
  }

  private ActiveModel(
      ServingModel model,
      Manifest manifest,
      @Nullable QuantizedVectors quantized,
      int[] popular,
      @Nullable Joined joined,
      @Nullable ActiveModel previous) {
    this.model = model;
    this.manifest = manifest;
    this.quantized = quantized;
    this.popular = popular;
    this.joined = joined;
    this.previous = previous;
  }

  /**
   * Opens a model.
   *
   * @param catalogue the items to recommend and to search; null for all that the model knows
   * @throws IOException if it cannot be read
   * @throws UnsupportedOperationException if its encoder is not incremental
   */
  static ActiveModel open(Path directory, @Nullable Catalogue catalogue) throws IOException {
    Model.ModelHeader header = Model.open(directory);
    Map<String, String> later =
        catalogue == null ? Map.of() : catalogue.textsWithout(header.vocabulary());
    ServingModel model = ServingModel.open(header, later);
    // An eighth of the heap: more than the model itself takes only where that is small.
    QuantizedVectors quantized =
        QuantizedVectors.bytes(model.items()) <= Runtime.getRuntime().maxMemory() / 8
            ? QuantizedVectors.of(model.items())
            : null;
    long[] counts = Arrays.copyOf(header.counts(), model.vocabulary().size());
    int[] popular = IntStream.rangeClosed(1, counts.length)
        .boxed()
        .sorted(Comparator.comparingLong((Integer row) -> counts[row - 1]).reversed())
        .mapToInt(Integer::intValue)
        .toArray();
    return new ActiveModel(
        model,
        header.manifest(),
        quantized,
        popular,
        catalogue == null ? null : Joined.of(catalogue, model),
        null);
  }

  /**
   * Whether items lack vectors that the model could make of their texts, since they came after it
   * was opened.
   */
  boolean lacksItems(Catalogue next) throws IOException {
    TextVectors words = model.texts();
    return words != null
        && next.textsWithout(model.vocabulary()).values().stream()
            .anyMatch(text -> words.vector(text) != null);
  }

  /** The same model over other items. */
  ActiveModel with(Catalogue next) throws IOException {
    return new ActiveModel(
        model,
        manifest,
        quantized,
        popular,
        Joined.of(next, model),
        previous == null ? null : previous.with(next));
  }

  /** The same model, with the version before it. */
  ActiveModel after(@Nullable ActiveModel version) {
    return new ActiveModel(model, manifest, quantized, popular, joined, version);
  }

  /** The version before, to compare rankings with; null if there is none. */
  @Nullable
  ActiveModel previous() {
    return previous;
  }

  ServingModel model() {
    return model;
  }

  Manifest manifest() {
    return manifest;
  }

  @Nullable
  Catalogue catalogue() {
    return joined == null ? null : joined.catalogue;
  }

  /** The vectors of the catalogue's documents. */
  ItemSource source() {
    return joined().source;
  }

  private Joined joined() {
    Joined present = joined;
    if (present == null) {
      throw new IllegalStateException("there is no catalogue");
    }
    return present;
  }

  /**
   * The texts of an item.
   *
   * @return null without a catalogue, or if the item is not in it
   */
  @Nullable
  Map<String, String> fields(int row) throws IOException {
    return joined == null || joined.docs[row] < 0
        ? null
        : joined.catalogue.fields(joined.docs[row]);
  }

  /** The clicks that a session's vector was made of, with the attention paid to each. */
  List<Answer.ReadClick> clicks(SessionVector vector) throws IOException {
    List<Answer.ReadClick> clicks = new ArrayList<>();
    for (int i = 0; i < vector.clicks().length; i++) {
      int row = vector.clicks()[i];
      clicks.add(
          new Answer.ReadClick(model.vocabulary().id(row), vector.attention()[i], fields(row)));
    }
    return clicks;
  }

  /**
   * The rows that may be recommended.
   *
   * @param matching documents of the catalogue that a filter selects; null for all
   * @return null for all rows of the model
   */
  @Nullable
  BitSet candidates(@Nullable BitSet matching) {
    if (joined == null) {
      return null;
    }
    return matching == null ? joined.listed : joined.rows(matching);
  }

  /** The best items of a session, exactly. */
  ItemVectors.Top top(SessionVector session, int count, @Nullable BitSet candidates) {
    ItemVectors items = model.items();
    ClickedScores clicked = session.clicked();
    if (candidates == null || candidates.cardinality() > items.size() / FEW) {
      ClickedScores.Scan scan = quantized == null ? items::top : quantized::top;
      return clicked.top(
          items, session.query(), count, row -> candidates == null || candidates.get(row), scan);
    }
    TopK best = new TopK(Math.min(count, candidates.cardinality()));
    candidates.stream()
        .forEach(row -> best.offer(row, items.dot(session.query(), row) + clicked.of(row)));
    return best.sorted(ItemVectors.Top::new);
  }

  /** The most clicked rows. */
  int[] popular(int count, @Nullable BitSet candidates) {
    return Arrays.stream(popular)
        .filter(row -> candidates == null || candidates.get(row))
        .limit(count)
        .toArray();
  }
}
