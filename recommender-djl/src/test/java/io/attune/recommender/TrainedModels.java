package io.attune.recommender;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.attune.model.ClickedCorrection;
import io.attune.model.ClickedFeatures;
import io.attune.model.ComputeDevice;
import io.attune.model.DriftConfig;
import io.attune.model.EncoderConfig;
import io.attune.model.EnsembleConfig;
import io.attune.model.Manifest;
import io.attune.model.Model;
import io.attune.session.Sessions;
import io.attune.session.Split;
import io.attune.training.ItemInitialization;
import io.attune.training.LossKind;
import io.attune.training.Precision;
import io.attune.training.Trainer;
import io.attune.training.TrainingConfig;
import io.attune.training.TrainingData;
import io.attune.vector.Tensor;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;

/** Models trained for an instant: not good ones, but not random ones either. */
public final class TrainedModels {
  private TrainedModels() {}

  /** A model of one epoch over sessions. */
  public static Model briefly(Sessions sessions, EncoderConfig encoder) {
    TrainingConfig training = training(hasDrift(encoder) ? 0.3 : 0);
    TrainingData data = new TrainingData(
        sessions, sessions, sessions.select(new int[0]), new Split.Targets.AfterFirst());
    Trainer.Trained trained = trainer(encoder, training).train(data);
    Manifest.Provenance provenance = new Manifest.Provenance(
        "",
        "",
        1,
        0,
        0,
        "none",
        null,
        null,
        JsonNodeFactory.instance.objectNode(),
        JsonNodeFactory.instance.objectNode());
    Manifest manifest = new Manifest(
        Manifest.FORMAT,
        trained.encoder(),
        sessions.vocabulary().size(),
        provenance,
        trained.epochs(),
        Map.of());
    return new Model(
        manifest, sessions.vocabulary(), Popularity.counts(sessions), trained.weights());
  }

  /** The model with a drawn correction of clicked items, large enough to change many ranks. */
  public static Model corrected(Model model, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] weights = new float[ClickedFeatures.COUNT];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = (float) random.nextDouble(-3, 3);
    }
    Map<String, Tensor> all = new HashMap<>(model.weights());
    all.put(ClickedCorrection.TENSOR, new ClickedCorrection(weights).tensor());
    return new Model(model.manifest(), model.vocabulary(), model.counts(), all);
  }

  /** The model with drawn biases of attention, which a short training leaves near zero. */
  public static Model biased(Model model, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    Map<String, Tensor> all = new HashMap<>(model.weights());
    all.replaceAll((name, tensor) -> {
      if (!name.endsWith("gaps") && !name.endsWith("edges")) {
        return tensor;
      }
      float[] values = new float[tensor.values().length];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) random.nextDouble(-2, 2);
      }
      return new Tensor(tensor.shape(), values);
    });
    return new Model(model.manifest(), model.vocabulary(), model.counts(), all);
  }

  /** One that gives the same numbers on every machine. */
  public static Trainer trainer(EncoderConfig encoder, TrainingConfig training) {
    return Trainer.of(encoder, training, () -> 0).withDevice(ComputeDevice.CPU).withSeed(1);
  }

  /** One epoch over all items, without validation. */
  public static TrainingConfig training(double drift) {
    return plain().stepTargets(128).learningRate(0.01).popularityDrift(drift).build();
  }

  /** One epoch over all items from random vectors, and nothing of what makes a model better. */
  public static TrainingConfig.Builder plain() {
    return TrainingConfig.builder()
        .epochs(1)
        .warmup(0.1)
        .validation(0)
        .refit(false)
        .recencyShare(0)
        .popularityDrift(0)
        .precision(Precision.FP32)
        .loss(LossKind.FULL)
        .sampledEpochs(0)
        .negatives(16)
        .itemInitialization(ItemInitialization.RANDOM);
  }

  private static boolean hasDrift(EncoderConfig encoder) {
    return switch (encoder) {
      case DriftConfig drift -> true;
      case EnsembleConfig ensemble -> hasDrift(ensemble.first());
      default -> false;
    };
  }
}
