package io.attune.serving;

import io.attune.model.Model;
import io.attune.session.Vocabulary;
import java.io.IOException;
import java.nio.file.Path;

/**
 * A trained model ready to serve: its encoder in steps, its items, its vocabulary. Needs no engine.
 * Safe for use by several threads.
 *
 * @param version what tells this model from others: the hash of its weights
 * @param vocabulary items by row
 * @param items what is scored
 * @param encoder what makes query vectors
 */
public record ServingModel(
    String version, Vocabulary vocabulary, ItemVectors items, StepEncoder encoder) {

  /**
   * A model read from its directory.
   *
   * @throws io.attune.model.ModelException when it is truncated, foreign, or of a newer format
   * @throws UnsupportedOperationException when its encoder is not incremental
   */
  public static ServingModel open(Path directory) throws IOException {
    return of(Model.load(directory));
  }

  /** A model in memory, whose arrays are used as they are. */
  public static ServingModel of(Model model) {
    ItemVectors items = new ItemVectors(Matrix.weight(model.weights(), Model.ITEMS));
    ItemVectors inputs = model.manifest().encoder().items().tied()
        ? items
        : new ItemVectors(Matrix.weight(model.weights(), Model.INPUTS));
    StepEncoder encoder = StepEncoder.of(model.manifest().encoder(), model.weights(), inputs);
    return new ServingModel(model.version(), model.vocabulary(), items, encoder);
  }

  /**
   * What a session of clicks looks for; unknown items are skipped.
   *
   * @param clicks item ids, oldest first
   */
  public SessionVector vector(Iterable<String> clicks) {
    SessionState state = encoder.start();
    for (String id : clicks) {
      int row = vocabulary.row(id);
      if (row != Vocabulary.UNKNOWN) {
        encoder.advance(state, row);
      }
    }
    return encoder.vector(state, items.dimension());
  }
}
