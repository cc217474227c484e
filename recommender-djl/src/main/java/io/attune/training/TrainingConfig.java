package io.attune.training;

import com.fasterxml.jackson.annotation.JsonAlias;
import io.attune.model.DriftConfig;
import io.attune.model.EncoderConfig;
import io.attune.model.EnsembleConfig;
import java.util.Objects;

/**
 * How an encoder is trained: schedule, loss, regularisation and what happens to the newest
 * sessions.
 *
 * @param epochs maximum passes over the training part; the learning rate decays over all of them
 * @param stepTargets batch size: about how many targets (predicted clicks) a step has
 * @param learningRate peak learning rate
 * @param warmup share of the steps over which the learning rate rises to its peak
 * @param weightDecay decoupled weight decay
 * @param clipNorm the gradient is clipped to this global norm
 * @param validation share of the training sessions, the newest, held back to choose the epoch; 0
 *     trains all epochs on everything
 * @param patience early stopping: epochs without a better validation result before training stops;
 *     sampled epochs before full ones are neither counted nor chosen
 * @param refit whether, once the epoch is chosen, the model is retrained from scratch for as many
 *     epochs on all sessions, including the newest that were held back
 * @param order in which order an epoch goes through the sessions
 * @param recencyShare recency weight: this share of the sessions, the newest, is trained twice in
 *     each epoch, since they are most like those to come
 * @param popularityDrift weight of the correction for items whose popularity has changed recently,
 *     from 0 (none) to 1: the logarithm of recent clicks over expected clicks ({@link DriftConfig})
 * @param driftEstimate what popularity drifts to: that of the newest sessions, or a forecast, which
 *     needs times
 * @param precision number format of the matrix products over all items
 * @param loss which items the target is compared with
 * @param sampledEpochs the first so many epochs use sampled softmax whatever {@code loss} says;
 *     they are several times faster
 * @param negatives negatives drawn per step by a sampled loss, in addition to the targets of the
 *     step
 * @param samplingDistribution how negatives are drawn
 * @param calibration t of gBCE: 0 is plain binary cross-entropy, 1 is calibrated like softmax
 * @param itemInitialization initial item vectors
 * @param weightAveraging stochastic weight averaging: the model is the mean of the weights over
 *     this last share of the steps; 0 keeps the final weights
 * @param clicked how items that the session has clicked are scored: with a correction learned on
 *     the validation part ({@link io.attune.model.ClickedCorrection}), or like all others
 */
public record TrainingConfig(
    int epochs,
    int stepTargets,
    double learningRate,
    double warmup,
    double weightDecay,
    double clipNorm,
    double validation,
    int patience,
    boolean refit,
    TrainingOrder order,
    @JsonAlias("newest") double recencyShare,
    @JsonAlias("trend") double popularityDrift,
    DriftEstimate driftEstimate,
    Precision precision,
    LossKind loss,
    int sampledEpochs,
    int negatives,
    @JsonAlias("sampler") SamplingDistribution samplingDistribution,
    double calibration,
    @JsonAlias("itemStart") ItemInitialization itemInitialization,
    @JsonAlias("averaging") double weightAveraging,
    ClickedItems clicked) {

  private static final int GROWING_EPOCHS = 2;
  private static final int GROWING_STEP = 256; // few sessions make few steps otherwise

  public TrainingConfig {
    // Models of before do not say: they have no correction, look back on the newest sessions, and
    // were trained in a random order.
    clicked = Objects.requireNonNullElse(clicked, ClickedItems.OFF);
    driftEstimate = Objects.requireNonNullElse(driftEstimate, DriftEstimate.RECENT);
    order = Objects.requireNonNullElse(order, TrainingOrder.RANDOM);
    require(epochs >= 1 && epochs <= 10_000, "epochs", "from 1 to 10000", epochs);
    require(stepTargets >= 1 && stepTargets <= 65_536, "stepTargets", "1 to 65536", stepTargets);
    require(learningRate > 0 && learningRate <= 1, "learningRate", "in (0, 1]", learningRate);
    require(warmup >= 0 && warmup < 1, "warmup", "in [0, 1)", warmup);
    require(weightDecay >= 0 && weightDecay <= 1, "weightDecay", "in [0, 1]", weightDecay);
    require(clipNorm > 0, "clipNorm", "above 0", clipNorm);
    require(validation >= 0 && validation <= 0.5, "validation", "in [0, 0.5]", validation);
    require(recencyShare >= 0 && recencyShare < 1, "recencyShare", "in [0, 1)", recencyShare);
    require(
        popularityDrift >= 0 && popularityDrift <= 1,
        "popularityDrift",
        "in [0, 1]",
        popularityDrift);
    require(patience >= 1, "patience", "1 or more", patience);
    require(sampledEpochs >= 0, "sampledEpochs", "0 or more", sampledEpochs);
    require(negatives >= 1 && negatives <= 1 << 20, "negatives", "from 1 to 1048576", negatives);
    require(
        weightAveraging >= 0 && weightAveraging <= 0.9,
        "weightAveraging",
        "in [0, 0.9]",
        weightAveraging);
    require(calibration >= 0 && calibration <= 1, "calibration", "in [0, 1]", calibration);
  }

  /** The shipped defaults, chosen on validation data of short shop sessions. */
  public static TrainingConfig defaults() {
    return builder().build();
  }

  /** Collects the settings by name, beginning with the shipped defaults. */
  public static Builder builder() {
    return new Builder();
  }

  /** Collects the settings by name, beginning with these. */
  public Builder toBuilder() {
    return new Builder()
        .epochs(epochs)
        .stepTargets(stepTargets)
        .learningRate(learningRate)
        .warmup(warmup)
        .weightDecay(weightDecay)
        .clipNorm(clipNorm)
        .validation(validation)
        .patience(patience)
        .refit(refit)
        .order(order)
        .recencyShare(recencyShare)
        .popularityDrift(popularityDrift)
        .driftEstimate(driftEstimate)
        .precision(precision)
        .loss(loss)
        .sampledEpochs(sampledEpochs)
        .negatives(negatives)
        .samplingDistribution(samplingDistribution)
        .calibration(calibration)
        .itemInitialization(itemInitialization)
        .weightAveraging(weightAveraging)
        .clicked(clicked);
  }

  /**
   * The encoder that results from training this one: itself, with popularity drift if it is
   * configured.
   *
   * @throws IllegalArgumentException when its vectors would be too long
   */
  public EncoderConfig outcome(EncoderConfig encoder) {
    return switch (encoder) {
      case EnsembleConfig ensemble ->
        new EnsembleConfig(outcome(ensemble.first()), outcome(ensemble.second()));
      case DriftConfig made -> outcome(made.encoder());
      default -> popularityDrift == 0 ? encoder : new DriftConfig(encoder);
    };
  }

  /**
   * This training as it goes on from a model with new sessions, which are few: two passes over all
   * items in small steps, without a validation part. Chosen on nights of two logs.
   */
  public TrainingConfig growing() {
    return toBuilder()
        .epochs(GROWING_EPOCHS)
        .stepTargets(Math.min(stepTargets, GROWING_STEP))
        .sampledEpochs(0)
        .recencyShare(0)
        .validation(0)
        .refit(false)
        .build();
  }

  /** The loss of an epoch, from 0, for a catalogue. */
  LossKind loss(int epoch, int items) {
    LossKind chosen = loss.forItems(items);
    return epoch < sampledEpochs && chosen == LossKind.FULL ? LossKind.SAMPLED : chosen;
  }

  /**
   * The first epoch, from 1, that may be chosen as the best: the first with the loss that training
   * ends with. The sampled epochs before it only prepare for it, and while the learning rate is
   * high, a slightly lower validation metric does not predict the final one.
   */
  int firstJudged(int items) {
    int first = 1;
    while (loss(first - 1, items) != loss(epochs - 1, items)) {
      first++;
    }
    return first;
  }

  private static void require(boolean holds, String name, String rule, Object value) {
    if (!holds) {
      throw new IllegalArgumentException(name + " must be " + rule + ", not " + value);
    }
  }

  /** The settings by name; {@link #build()} checks them. */
  public static final class Builder {
    private int epochs = 4;
    private int stepTargets = 512;
    private double learningRate = 3e-3;
    private double warmup = 0.05;
    private double weightDecay = 0;
    private double clipNorm = 5;
    private double validation = 0.1;
    private int patience = 1;
    private boolean refit = true;
    private TrainingOrder order = TrainingOrder.RANDOM;
    private double recencyShare = 0.25;
    private double popularityDrift = 0.3;
    private DriftEstimate driftEstimate = DriftEstimate.RECENT;
    private Precision precision = Precision.AUTO;
    private LossKind loss = LossKind.AUTO;
    private int sampledEpochs = 2;
    private int negatives = 4096;
    private SamplingDistribution samplingDistribution = SamplingDistribution.UNIFORM;
    private double calibration = 0.75;
    private ItemInitialization itemInitialization = ItemInitialization.COOCCURRENCE;
    private double weightAveraging = 0;
    private ClickedItems clicked = ClickedItems.LEARNED;

    private Builder() {}

    /** See {@link TrainingConfig#epochs()}. */
    public Builder epochs(int value) {
      epochs = value;
      return this;
    }

    /** See {@link TrainingConfig#stepTargets()}. */
    public Builder stepTargets(int value) {
      stepTargets = value;
      return this;
    }

    /** See {@link TrainingConfig#learningRate()}. */
    public Builder learningRate(double value) {
      learningRate = value;
      return this;
    }

    /** See {@link TrainingConfig#warmup()}. */
    public Builder warmup(double value) {
      warmup = value;
      return this;
    }

    /** See {@link TrainingConfig#weightDecay()}. */
    public Builder weightDecay(double value) {
      weightDecay = value;
      return this;
    }

    /** See {@link TrainingConfig#clipNorm()}. */
    public Builder clipNorm(double value) {
      clipNorm = value;
      return this;
    }

    /** See {@link TrainingConfig#validation()}. */
    public Builder validation(double value) {
      validation = value;
      return this;
    }

    /** See {@link TrainingConfig#patience()}. */
    public Builder patience(int value) {
      patience = value;
      return this;
    }

    /** See {@link TrainingConfig#refit()}. */
    public Builder refit(boolean value) {
      refit = value;
      return this;
    }

    /** See {@link TrainingConfig#order()}. */
    public Builder order(TrainingOrder value) {
      order = value;
      return this;
    }

    /** See {@link TrainingConfig#recencyShare()}. */
    public Builder recencyShare(double value) {
      recencyShare = value;
      return this;
    }

    /** See {@link TrainingConfig#popularityDrift()}. */
    public Builder popularityDrift(double value) {
      popularityDrift = value;
      return this;
    }

    /** See {@link TrainingConfig#driftEstimate()}. */
    public Builder driftEstimate(DriftEstimate value) {
      driftEstimate = value;
      return this;
    }

    /** See {@link TrainingConfig#precision()}. */
    public Builder precision(Precision value) {
      precision = value;
      return this;
    }

    /** See {@link TrainingConfig#loss()}. */
    public Builder loss(LossKind value) {
      loss = value;
      return this;
    }

    /** See {@link TrainingConfig#sampledEpochs()}. */
    public Builder sampledEpochs(int value) {
      sampledEpochs = value;
      return this;
    }

    /** See {@link TrainingConfig#negatives()}. */
    public Builder negatives(int value) {
      negatives = value;
      return this;
    }

    /** See {@link TrainingConfig#samplingDistribution()}. */
    public Builder samplingDistribution(SamplingDistribution value) {
      samplingDistribution = value;
      return this;
    }

    /** See {@link TrainingConfig#calibration()}. */
    public Builder calibration(double value) {
      calibration = value;
      return this;
    }

    /** See {@link TrainingConfig#itemInitialization()}. */
    public Builder itemInitialization(ItemInitialization value) {
      itemInitialization = value;
      return this;
    }

    /** See {@link TrainingConfig#weightAveraging()}. */
    public Builder weightAveraging(double value) {
      weightAveraging = value;
      return this;
    }

    /** See {@link TrainingConfig#clicked()}. */
    public Builder clicked(ClickedItems value) {
      clicked = value;
      return this;
    }

    /**
     * The configuration.
     *
     * @throws IllegalArgumentException when a value is refused; the message says which, and why
     */
    public TrainingConfig build() {
      return new TrainingConfig(
          epochs,
          stepTargets,
          learningRate,
          warmup,
          weightDecay,
          clipNorm,
          validation,
          patience,
          refit,
          order,
          recencyShare,
          popularityDrift,
          driftEstimate,
          precision,
          loss,
          sampledEpochs,
          negatives,
          samplingDistribution,
          calibration,
          itemInitialization,
          weightAveraging,
          clicked);
    }
  }
}
