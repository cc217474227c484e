package io.attune.model;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;

/**
 * What kind of encoder a model has and its sizes: the part of a model that is fixed before training
 * and that serving must know.
 *
 * <p>The set is closed: an encoder is added by permitting its configuration here. Nothing in this
 * package needs an engine.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes(@JsonSubTypes.Type(value = NarmConfig.class, name = "narm"))
public sealed interface EncoderConfig permits NarmConfig {

  /** Embedding size D: the length of item vectors and query vectors. */
  int dimension();

  /** How item vectors are held and compared. */
  ItemSpace items();
}
