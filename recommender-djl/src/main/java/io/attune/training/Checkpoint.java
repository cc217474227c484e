package io.attune.training;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.attune.model.EncoderConfig;
import io.attune.model.Manifest;
import io.attune.model.ModelException;
import io.attune.model.SafeTensors;
import io.attune.vector.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The state of a training between two steps, in one file. It is replaced atomically, so a process
 * killed at any time leaves a valid one.
 *
 * @param key what the training was started with; no other training can resume from it
 * @param position how far it is
 * @param state weights and moments
 * @param best the best model so far; empty before the first epoch of a selection has ended
 */
record Checkpoint(Key key, Position position, Map<String, Tensor> state, Map<String, Tensor> best) {
  private static final String POSITION = "position";
  private static final String KEY = "key";
  private static final String BEST = "best/";
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** What a training is started with; equal keys and equal data give equal models. */
  record Key(
      EncoderConfig encoder,
      TrainingConfig training,
      String dataHash,
      long seed,
      String precision) {

    /** The same in another precision. */
    Key with(Precision other) {
      return new Key(encoder, training, dataHash, seed, other.name());
    }

    /** Whether a training of this key may go on with another's checkpoint. */
    private boolean continues(Key other) {
      // The precision of auto was measured when the training began.
      return other.equals(with(Precision.valueOf(other.precision)));
    }
  }

  /**
   * How far a training is.
   *
   * @param phase index of the phase
   * @param epoch from 0
   * @param step steps of this epoch done
   * @param steps steps of this phase done
   * @param targets targets of this phase done
   * @param loss sum of this epoch's losses so far
   * @param seconds spent in this epoch
   * @param bestEpoch number of the best epoch so far, from 1; 0 before there is one
   * @param history epochs that have ended
   */
  record Position(
      int phase,
      int epoch,
      int step,
      long steps,
      long targets,
      double loss,
      double seconds,
      int bestEpoch,
      List<Manifest.Epoch> history) {}

  void write(Path file) throws IOException {
    Map<String, Tensor> tensors = new LinkedHashMap<>(state);
    best.forEach((name, tensor) -> tensors.put(BEST + name, tensor));
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put(KEY, JSON.writeValueAsString(key));
    metadata.put(POSITION, JSON.writeValueAsString(position));
    new SafeTensors(tensors, metadata).write(file);
  }

  /**
   * Refuses a file that is not a checkpoint.
   *
   * @throws ModelException when it is damaged or something else
   */
  static void require(Path file) throws IOException {
    if (!SafeTensors.metadata(file).keySet().containsAll(List.of(KEY, POSITION))) {
      throw new ModelException(file, "no checkpoint of a training");
    }
  }

  /**
   * Reads a checkpoint.
   *
   * @param expected what the training is started with now
   * @throws ModelException when it is damaged, or belongs to a training with other settings
   */
  static Checkpoint read(Path file, Key expected) throws IOException {
    SafeTensors content = SafeTensors.read(file);
    String key = content.metadata().get(KEY);
    String position = content.metadata().get(POSITION);
    if (key == null || position == null) {
      throw new ModelException(file, "no checkpoint of a training");
    }
    Key written = key(key);
    if (written == null || !expected.continues(written)) {
      throw new ModelException(
          file,
          "made by a training with other data, configuration or seed: "
              + key
              + " and now "
              + JSON.writeValueAsString(expected)
              + "; give the same again, or start without --resume");
    }
    Map<String, Tensor> state = new LinkedHashMap<>();
    Map<String, Tensor> best = new LinkedHashMap<>();
    content.tensors().forEach((name, tensor) -> {
      if (name.startsWith(BEST)) {
        best.put(name.substring(BEST.length()), tensor);
      } else {
        state.put(name, tensor);
      }
    });
    try {
      return new Checkpoint(written, JSON.readValue(position, Position.class), state, best);
    } catch (JsonProcessingException e) {
      throw new ModelException(file, "no checkpoint of this version", e);
    }
  }

  /** Null where it is not one of this version. */
  private static @Nullable Key key(String text) {
    try {
      return JSON.readValue(text, Key.class);
    } catch (JsonProcessingException e) {
      return null;
    }
  }
}
