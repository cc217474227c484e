package io.attune.training;

import io.attune.session.Sessions;
import io.attune.session.Split;
import io.attune.session.Vocabulary;
import java.util.List;
import java.util.Map;

/**
 * The sessions of a training, divided into a part to train on and a part to choose the epoch by.
 *
 * @param all every session that may be trained on; the refit uses them
 * @param train those that are trained on while the epoch is chosen
 * @param validation those that the epoch is chosen by; empty where none are held back
 * @param targets which clicks of the validation sessions are to be predicted
 * @param texts what is written about items, by id; also about items without clicks, which the
 *     vocabulary does not have
 */
public record TrainingData(
    Sessions all,
    Sessions train,
    Sessions validation,
    Split.Targets targets,
    Map<String, String> texts) {

  public TrainingData {
    Vocabulary vocabulary = all.vocabulary();
    if (train.vocabulary() != vocabulary || validation.vocabulary() != vocabulary) {
      throw new IllegalArgumentException("the parts must share one vocabulary");
    }
    if (vocabulary.size() < 2) {
      throw new IllegalArgumentException("training needs at least 2 items, not "
          + vocabulary.size()
          + ": with fewer there is nothing to rank");
    }
    if (train.clicks() <= train.size()) {
      throw new IllegalArgumentException(
          "no training session has two clicks on known items, so there is nothing to predict");
    }
    texts = Map.copyOf(texts);
  }

  /** Sessions on items of which nothing is written. */
  public TrainingData(Sessions all, Sessions train, Sessions validation, Split.Targets targets) {
    this(all, train, validation, targets, Map.of());
  }

  /** How many items the model will have. */
  int items() {
    return all.vocabulary().size() + unclicked().size();
  }

  /** The items that are written about but not clicked, in the order of their ids. */
  public List<String> unclicked() {
    return texts.keySet().stream()
        .filter(id -> all.vocabulary().row(id) == Vocabulary.UNKNOWN)
        .sorted()
        .toList();
  }
}
