package io.attune.exchange;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.attune.model.EncoderConfig;
import io.attune.model.Manifest;
import io.attune.model.MeanConfig;
import io.attune.model.Model;
import io.attune.model.Similarity;
import io.attune.session.Holdout;
import io.attune.session.Vocabulary;
import io.attune.vector.Tensor;
import java.util.List;
import java.util.Map;

/**
 * Item vectors of another program, with the ids of the items.
 *
 * @param origin where they come from
 * @param vocabulary the items, in the order of the file
 * @param table float32 (V + 1, D), of which row 0 is zero
 * @param leftOut what was left out of the file, in words; empty if nothing was
 */
public record ImportedVectors(
    Manifest.Imported origin, Vocabulary vocabulary, Tensor table, List<String> leftOut) {

  public ImportedVectors {
    leftOut = List.copyOf(leftOut);
  }

  /** D, the length of a vector. */
  public int dimension() {
    return (int) table.shape()[1];
  }

  /**
   * Makes a model of the vectors, whose query is the mean of the last clicked items' vectors. It
   * takes the table over: where vectors are compared by their cosine, they are scaled to length one
   * in it.
   *
   * @param similarity how vectors are compared; those of clicks and of items are the same, so it
   *     must be tied
   * @param lastClicks how many clicks the mean is of; 1 is the vector of the last click
   * @param version of Attune
   * @throws IllegalArgumentException if a vector has no direction, but vectors are compared by
   *     their cosine; the message names the item
   */
  public Model model(Similarity similarity, int lastClicks, String version) {
    EncoderConfig encoder = MeanConfig.builder()
        .dimension(dimension())
        .similarity(similarity)
        .lastClicks(lastClicks)
        .build();
    if (!similarity.tied()) {
      throw new IllegalArgumentException("similarity must be tied: the vectors are of items alone");
    }
    if (similarity.normalized()) {
      normalize();
    }
    JsonNodeFactory json = JsonNodeFactory.instance;
    Manifest.Provenance provenance = new Manifest.Provenance(
        version,
        "",
        0,
        0,
        0,
        new Holdout.None().toString(),
        null,
        null,
        json.nullNode(),
        json.nullNode(),
        null,
        origin);
    Manifest manifest =
        new Manifest(Manifest.FORMAT, encoder, vocabulary.size(), provenance, List.of(), Map.of());
    return new Model(manifest, vocabulary, new long[vocabulary.size()], Map.of(Model.ITEMS, table));
  }

  private void normalize() {
    float[] values = table.values();
    int d = dimension();
    for (int row = 1; row <= vocabulary.size(); row++) {
      double squares = 0;
      for (int i = row * d; i < (row + 1) * d; i++) {
        squares += (double) values[i] * values[i];
      }
      double length = Math.sqrt(squares);
      for (int i = row * d; i < (row + 1) * d; i++) {
        values[i] = (float) (values[i] / length);
      }
      if (length == 0) {
        throw new IllegalArgumentException("the vector of item '" + vocabulary.id(row)
            + "' is zero, so it has no cosine with any other: remove it, or compare by inner"
            + " product");
      }
    }
  }
}
