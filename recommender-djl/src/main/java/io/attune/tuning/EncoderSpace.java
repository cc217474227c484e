package io.attune.tuning;

import io.attune.model.ConvolutionConfig;
import io.attune.model.Direction;
import io.attune.model.DriftConfig;
import io.attune.model.Edges;
import io.attune.model.EncoderConfig;
import io.attune.model.EnsembleConfig;
import io.attune.model.GruConfig;
import io.attune.model.HierarchicalConfig;
import io.attune.model.MeanConfig;
import io.attune.model.MemoryNetworkConfig;
import io.attune.model.NarmConfig;
import io.attune.model.Readout;
import io.attune.model.Similarity;
import io.attune.model.StampConfig;
import io.attune.model.TimeBias;
import io.attune.model.TransformerConfig;
import io.attune.tuning.Range.OneOf;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * The search space of one kind of encoder, around a configuration from which a draw keeps about
 * half of the settings. Settings without a range stay as they are.
 */
public sealed interface EncoderSpace
    permits EncoderSpace.OfNarm,
        EncoderSpace.OfTransformer,
        EncoderSpace.OfGru,
        EncoderSpace.OfConvolution,
        EncoderSpace.OfHierarchical,
        EncoderSpace.OfStamp,
        EncoderSpace.OfMean,
        EncoderSpace.OfMemoryNetwork {

  /** The largest dimension to draw, which leaves room for popularity drift. */
  int MAX_DIMENSIONS = EncoderConfig.MAX_DIMENSIONS - DriftConfig.ELEMENTS;

  /** The configuration at the centre of the space. */
  EncoderConfig from();

  /** Draws a configuration. */
  EncoderConfig draw(RandomGenerator random);

  /**
   * The space around a configuration.
   *
   * @param ranges builds the range of each setting
   */
  static EncoderSpace around(EncoderConfig config, Ranges ranges) {
    return switch (config) {
      case NarmConfig narm -> OfNarm.around(narm, ranges);
      case TransformerConfig transformer -> OfTransformer.around(transformer, ranges);
      case GruConfig gru -> OfGru.around(gru, ranges);
      case ConvolutionConfig convolution -> OfConvolution.around(convolution, ranges);
      case HierarchicalConfig hierarchical -> OfHierarchical.around(hierarchical, ranges);
      case StampConfig stamp -> OfStamp.around(stamp, ranges);
      case MeanConfig mean -> OfMean.around(mean, ranges);
      case MemoryNetworkConfig memory -> OfMemoryNetwork.around(memory, ranges);
      case EnsembleConfig ensemble ->
        throw new IllegalArgumentException(
            "the encoders of an ensemble are tuned one by one, such as"
                + " with --encoder narm, and then trained together");
      case DriftConfig drift -> around(drift.encoder(), ranges);
    };
  }

  /** NARM's settings. */
  record OfNarm(
      NarmConfig from,
      OneOf<Integer> dimension,
      OneOf<Integer> hidden,
      OneOf<Similarity> similarity,
      OneOf<Readout> readout,
      OneOf<Float> inputDropout,
      OneOf<Float> contextDropout)
      implements EncoderSpace {

    /** {@link Readout#PROJECTED} is the same as {@link Readout#SUM} there. */
    private static final List<Readout> NARM_READOUTS =
        List.of(Readout.LAST, Readout.MEAN, Readout.SUM);

    private static OfNarm around(NarmConfig from, Ranges ranges) {
      return new OfNarm(
          from,
          ranges.sizes("dimension", from.dimension(), 4, MAX_DIMENSIONS),
          ranges.sizes("hidden", from.hidden(), 4, 4096),
          ranges.similarities(from.similarity()),
          ranges.oneOf("readout", from.readout(), NARM_READOUTS),
          ranges.dropouts("inputDropout", from.inputDropout()),
          ranges.dropouts("contextDropout", from.contextDropout()));
    }

    @Override
    public NarmConfig draw(RandomGenerator random) {
      return from.toBuilder()
          .dimension(dimension.vary(from.dimension(), random))
          .hidden(hidden.vary(from.hidden(), random))
          .similarity(similarity.vary(from.similarity(), random))
          .readout(readout.vary(from.readout(), random))
          .inputDropout(inputDropout.vary(from.inputDropout(), random))
          .contextDropout(contextDropout.vary(from.contextDropout(), random))
          .build();
    }
  }

  /** The Transformer's settings. */
  record OfTransformer(
      TransformerConfig from,
      OneOf<Integer> dimension,
      OneOf<Integer> layers,
      OneOf<TimeBias> timeBias,
      OneOf<Edges> edges,
      OneOf<Similarity> similarity,
      OneOf<Readout> readout,
      OneOf<Float> inputDropout,
      OneOf<Float> attentionDropout,
      OneOf<Float> layerDropout)
      implements EncoderSpace {

    private static OfTransformer around(TransformerConfig from, Ranges ranges) {
      List<Readout> readouts = from.direction() == Direction.BIDIRECTIONAL
          ? List.of(Readout.LAST)
          : List.of(Readout.values());
      List<TimeBias> biases = from.direction() == Direction.BIDIRECTIONAL
          ? List.of(TimeBias.NONE)
          : List.of(TimeBias.values());
      List<Edges> edges = from.direction() == Direction.BIDIRECTIONAL
          ? List.of(Edges.NONE)
          : List.of(Edges.values());
      return new OfTransformer(
          from,
          // A multiple of twice the heads suits rotary positions too.
          ranges.sizes("dimension", from.dimension(), 4 * from.heads(), MAX_DIMENSIONS),
          ranges.oneOf("layers", from.layers(), List.of(1, 2, 3)),
          ranges.oneOf("timeBias", from.timeBias(), biases),
          ranges.oneOf("edges", from.edges(), edges),
          ranges.similarities(from.similarity()),
          ranges.oneOf("readout", from.readout(), readouts),
          ranges.dropouts("inputDropout", from.inputDropout()),
          ranges.dropouts("attentionDropout", from.attentionDropout()),
          ranges.dropouts("layerDropout", from.layerDropout()));
    }

    @Override
    public TransformerConfig draw(RandomGenerator random) {
      return from.toBuilder()
          .dimension(dimension.vary(from.dimension(), random))
          .layers(layers.vary(from.layers(), random))
          .similarity(similarity.vary(from.similarity(), random))
          .timeBias(timeBias.vary(from.timeBias(), random))
          .edges(edges.vary(from.edges(), random))
          .readout(readout.vary(from.readout(), random))
          .inputDropout(inputDropout.vary(from.inputDropout(), random))
          .attentionDropout(attentionDropout.vary(from.attentionDropout(), random))
          .layerDropout(layerDropout.vary(from.layerDropout(), random))
          .build();
    }
  }

  /** The GRU's settings. */
  record OfGru(
      GruConfig from,
      OneOf<Integer> dimension,
      OneOf<Integer> hidden,
      OneOf<Similarity> similarity,
      OneOf<Float> inputDropout,
      OneOf<Float> stateDropout)
      implements EncoderSpace {

    private static OfGru around(GruConfig from, Ranges ranges) {
      return new OfGru(
          from,
          ranges.sizes("dimension", from.dimension(), 4, MAX_DIMENSIONS),
          ranges.sizes("hidden", from.hidden(), 4, 4096),
          ranges.similarities(from.similarity()),
          ranges.dropouts("inputDropout", from.inputDropout()),
          ranges.dropouts("stateDropout", from.stateDropout()));
    }

    @Override
    public GruConfig draw(RandomGenerator random) {
      return from.toBuilder()
          .dimension(dimension.vary(from.dimension(), random))
          .hidden(hidden.vary(from.hidden(), random))
          .similarity(similarity.vary(from.similarity(), random))
          .inputDropout(inputDropout.vary(from.inputDropout(), random))
          .stateDropout(stateDropout.vary(from.stateDropout(), random))
          .build();
    }
  }

  /** The settings of convolutions. */
  record OfConvolution(
      ConvolutionConfig from,
      OneOf<Integer> dimension,
      OneOf<Integer> blocks,
      OneOf<Integer> kernel,
      OneOf<Similarity> similarity,
      OneOf<Readout> readout,
      OneOf<Float> inputDropout,
      OneOf<Float> blockDropout)
      implements EncoderSpace {

    private static OfConvolution around(ConvolutionConfig from, Ranges ranges) {
      return new OfConvolution(
          from,
          ranges.sizes("dimension", from.dimension(), 4, MAX_DIMENSIONS),
          ranges.oneOf("blocks", from.blocks(), List.of(1, 2, 3)),
          ranges.oneOf("kernel", from.kernel(), List.of(2, 3, 5)),
          ranges.similarities(from.similarity()),
          ranges.oneOf("readout", from.readout(), List.of(Readout.values())),
          ranges.dropouts("inputDropout", from.inputDropout()),
          ranges.dropouts("blockDropout", from.blockDropout()));
    }

    @Override
    public ConvolutionConfig draw(RandomGenerator random) {
      return from.toBuilder()
          .dimension(dimension.vary(from.dimension(), random))
          .blocks(blocks.vary(from.blocks(), random))
          .kernel(kernel.vary(from.kernel(), random))
          .similarity(similarity.vary(from.similarity(), random))
          .readout(readout.vary(from.readout(), random))
          .inputDropout(inputDropout.vary(from.inputDropout(), random))
          .blockDropout(blockDropout.vary(from.blockDropout(), random))
          .build();
    }
  }

  /** The settings of hierarchical attention. */
  record OfHierarchical(
      HierarchicalConfig from,
      OneOf<Integer> dimension,
      OneOf<Integer> hidden,
      OneOf<Similarity> similarity,
      OneOf<Integer> visits,
      OneOf<Float> inputDropout,
      OneOf<Float> contextDropout)
      implements EncoderSpace {

    private static OfHierarchical around(HierarchicalConfig from, Ranges ranges) {
      return new OfHierarchical(
          from,
          ranges.sizes("dimension", from.dimension(), 4, MAX_DIMENSIONS),
          ranges.sizes("hidden", from.hidden(), 4, 4096),
          ranges.similarities(from.similarity()),
          ranges.oneOf("visits", from.visits(), List.of(3, 10, 30)),
          ranges.dropouts("inputDropout", from.inputDropout()),
          ranges.dropouts("contextDropout", from.contextDropout()));
    }

    @Override
    public HierarchicalConfig draw(RandomGenerator random) {
      return from.toBuilder()
          .dimension(dimension.vary(from.dimension(), random))
          .hidden(hidden.vary(from.hidden(), random))
          .similarity(similarity.vary(from.similarity(), random))
          .visits(visits.vary(from.visits(), random))
          .inputDropout(inputDropout.vary(from.inputDropout(), random))
          .contextDropout(contextDropout.vary(from.contextDropout(), random))
          .build();
    }
  }

  /** STAMP's settings. */
  record OfStamp(
      StampConfig from,
      OneOf<Integer> dimension,
      OneOf<Similarity> similarity,
      OneOf<Integer> hops,
      OneOf<Boolean> softmaxAttention,
      OneOf<Float> inputDropout)
      implements EncoderSpace {

    private static OfStamp around(StampConfig from, Ranges ranges) {
      return new OfStamp(
          from,
          ranges.sizes("dimension", from.dimension(), 4, MAX_DIMENSIONS),
          ranges.similarities(from.similarity()),
          ranges.oneOf("hops", from.hops(), List.of(1, 2, 3)),
          ranges.oneOf("softmaxAttention", from.softmaxAttention(), List.of(false, true)),
          ranges.dropouts("inputDropout", from.inputDropout()));
    }

    @Override
    public StampConfig draw(RandomGenerator random) {
      return from.toBuilder()
          .dimension(dimension.vary(from.dimension(), random))
          .similarity(similarity.vary(from.similarity(), random))
          .hops(hops.vary(from.hops(), random))
          .softmaxAttention(softmaxAttention.vary(from.softmaxAttention(), random))
          .inputDropout(inputDropout.vary(from.inputDropout(), random))
          .build();
    }
  }

  /** The settings of a mean. */
  record OfMean(
      MeanConfig from,
      OneOf<Integer> dimension,
      OneOf<Similarity> similarity,
      OneOf<Integer> lastClicks,
      OneOf<Float> inputDropout)
      implements EncoderSpace {

    private static OfMean around(MeanConfig from, Ranges ranges) {
      return new OfMean(
          from,
          ranges.sizes("dimension", from.dimension(), 4, MAX_DIMENSIONS),
          ranges.similarities(from.similarity()),
          ranges.oneOf("lastClicks", from.lastClicks(), List.of(1, 3, 10, 50)),
          ranges.dropouts("inputDropout", from.inputDropout()));
    }

    @Override
    public MeanConfig draw(RandomGenerator random) {
      return from.toBuilder()
          .dimension(dimension.vary(from.dimension(), random))
          .similarity(similarity.vary(from.similarity(), random))
          .lastClicks(lastClicks.vary(from.lastClicks(), random))
          .inputDropout(inputDropout.vary(from.inputDropout(), random))
          .build();
    }
  }

  /** The settings of a memory, and those of the encoder that it is around. */
  record OfMemoryNetwork(
      MemoryNetworkConfig from, EncoderSpace encoder, OneOf<Integer> slots, OneOf<Float> sharpness)
      implements EncoderSpace {

    private static OfMemoryNetwork around(MemoryNetworkConfig from, Ranges ranges) {
      return new OfMemoryNetwork(
          from,
          EncoderSpace.around(from.encoder(), ranges),
          ranges.sizes("slots", from.slots(), 4, 8192),
          ranges.oneOf("sharpness", from.sharpness(), List.of(10f, 20f, 40f)));
    }

    @Override
    public MemoryNetworkConfig draw(RandomGenerator random) {
      return from.toBuilder()
          .encoder(encoder.draw(random))
          .slots(slots.vary(from.slots(), random))
          .sharpness(sharpness.vary(from.sharpness(), random))
          .build();
    }
  }
}
