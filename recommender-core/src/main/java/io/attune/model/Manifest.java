package io.attune.model;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a model says of itself, as {@code manifest.json}.
 *
 * @param format version of the format, {@link #FORMAT} when written by this version
 * @param encoder kind and sizes of the encoder
 * @param items V, the number of items
 * @param provenance where the model comes from
 * @param epochs how training went, epoch by epoch
 * @param files SHA-256 of each other file of the model, in hexadecimal
 */
public record Manifest(
    int format,
    EncoderConfig encoder,
    int items,
    Provenance provenance,
    List<Epoch> epochs,
    Map<String, String> files) {
  /** The format that this version writes, and the newest that it reads. */
  public static final int FORMAT = 2;

  public Manifest {
    epochs = List.copyOf(epochs);
    files = Map.copyOf(files);
  }

  /**
   * Where a model comes from: enough to make it again, and to see that it was not tested on what it
   * was trained on.
   *
   * @param version of Attune
   * @param dataHash SHA-256 of the training log's content, in hexadecimal
   * @param seed of initial weights, order and dropout
   * @param sessions trained on
   * @param clicks trained on
   * @param holdout what was held out of the log, as on the command line
   * @param cut the instant before which all trained clicks lie (ISO-8601), or null where the
   *     holdout is not one in time
   * @param lastClick the newest trained click (ISO-8601), or null where clicks carry no times
   * @param filters the filters that the log went through
   * @param training configuration of the training
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Provenance(
      String version,
      String dataHash,
      long seed,
      int sessions,
      int clicks,
      String holdout,
      @Nullable String cut,
      @Nullable String lastClick,
      JsonNode filters,
      JsonNode training) {}

  /**
   * One epoch of training.
   *
   * @param phase {@code select} while the epoch is being chosen, {@code refit} on all sessions; for
   *     an encoder of an ensemble with its kind before it, such as {@code narm select}
   * @param epoch from 1
   * @param loss mean loss of the epoch's targets
   * @param validation metrics on the validation part, by name; empty where there is none
   * @param seconds it took
   */
  public record Epoch(
      String phase, int epoch, double loss, Map<String, Double> validation, double seconds) {
    public Epoch {
      validation = Map.copyOf(validation);
    }

    /** The same as an epoch of one of several encoders. */
    public Epoch of(String encoder) {
      return new Epoch(encoder + " " + phase, epoch, loss, validation, seconds);
    }

    /** Which of several encoders a phase trains; empty where there is one. */
    public static String encoder(String phase) {
      return phase.substring(0, Math.max(0, phase.lastIndexOf(' ')));
    }
  }
}
