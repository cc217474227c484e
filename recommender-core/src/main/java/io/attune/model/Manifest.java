package io.attune.model;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A model's description of itself, stored as {@code manifest.json}.
 *
 * @param format version of the format; {@link #FORMAT} if written by this version
 * @param encoder type and configuration of the encoder
 * @param items V, the number of items
 * @param provenance where the model comes from
 * @param epochs training history
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
   * Where a model comes from: enough to reproduce it, and to detect that it is being tested on its
   * training data.
   *
   * @param version version of Attune
   * @param dataHash SHA-256 of the training log's content, in hexadecimal
   * @param seed of initial weights, order and dropout
   * @param sessions number of training sessions
   * @param clicks number of training clicks
   * @param holdout what was held out of the log, as on the command line
   * @param cut the instant (ISO-8601) before which all training clicks lie; null unless the holdout
   *     is a split in time
   * @param lastClick time of the newest training click (ISO-8601); null if clicks have no times
   * @param filters the filters applied to the log
   * @param training configuration of the training
   * @param growth how the model was grown from another, on a newer log; null if it was trained from
   *     scratch. {@code dataHash} is that of the newer log then, {@code sessions} and
   *     {@code clicks} are those of both, and {@code training} is the training from scratch that it
   *     all began with
   * @param imported where the item vectors come from if they were not trained here; null otherwise.
   *     {@code training} is null then, and {@code dataHash} is empty unless a log was read with
   *     them
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
      JsonNode training,
      @Nullable Growth growth,
      @Nullable Imported imported) {
    /** Where a model comes from that was trained from scratch. */
    public Provenance(
        String version,
        String dataHash,
        long seed,
        int sessions,
        int clicks,
        String holdout,
        @Nullable String cut,
        @Nullable String lastClick,
        JsonNode filters,
        JsonNode training) {
      this(
          version, dataHash, seed, sessions, clicks, holdout, cut, lastClick, filters, training,
          null, null);
    }
  }

  /**
   * Where item vectors come from that were not trained here.
   *
   * @param file name of the file that they were read from, without its directory
   * @param format of the file
   * @param sha256 of its content, in hexadecimal
   */
  public record Imported(String file, String format, String sha256) {}

  /**
   * How a model was grown from another.
   *
   * @param from the version of the other model
   * @param dataHash SHA-256 of the content of the log that the other was last trained on
   * @param generation how often it has been grown since it was trained from scratch, from 1
   * @param sessions number of new sessions
   * @param clicks number of new clicks
   * @param replayed number of sessions that the other model knew and that were trained again
   * @param newItems number of items that the other model does not have
   * @param training configuration of the growth
   */
  public record Growth(
      String from,
      String dataHash,
      int generation,
      int sessions,
      int clicks,
      int replayed,
      int newItems,
      JsonNode training) {}

  /**
   * One epoch of training.
   *
   * @param phase {@code select} while the number of epochs is being chosen, {@code refit} on all
   *     sessions; prefixed with the encoder's kind in an ensemble, such as {@code narm select}
   * @param epoch from 1
   * @param loss mean loss over the epoch's targets
   * @param validation metrics on the validation part, by name; empty if there is none
   * @param seconds duration
   */
  public record Epoch(
      String phase, int epoch, double loss, Map<String, Double> validation, double seconds) {
    public Epoch {
      validation = Map.copyOf(validation);
    }

    /** Returns this epoch as one of an encoder in an ensemble. */
    public Epoch of(String encoder) {
      return new Epoch(encoder + " " + phase, epoch, loss, validation, seconds);
    }

    /** The encoder that a phase trains; empty unless in an ensemble. */
    public static String encoder(String phase) {
      return phase.substring(0, Math.max(0, phase.lastIndexOf(' ')));
    }
  }
}
