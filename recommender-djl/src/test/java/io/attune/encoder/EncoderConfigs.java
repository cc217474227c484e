package io.attune.encoder;

import io.attune.model.AttentionScore;
import io.attune.model.ConvolutionConfig;
import io.attune.model.Direction;
import io.attune.model.DriftConfig;
import io.attune.model.Edges;
import io.attune.model.EncoderConfig;
import io.attune.model.EnsembleConfig;
import io.attune.model.GruConfig;
import io.attune.model.HierarchicalConfig;
import io.attune.model.LayerSharing;
import io.attune.model.MeanConfig;
import io.attune.model.MemoryNetworkConfig;
import io.attune.model.NarmConfig;
import io.attune.model.PositionEncoding;
import io.attune.model.Readout;
import io.attune.model.Similarity;
import io.attune.model.StampConfig;
import io.attune.model.TimeBias;
import io.attune.model.TransformerConfig;
import io.attune.model.VisitGap;
import java.util.Arrays;
import java.util.stream.Stream;

/** Small encoders of all kinds, that each option occurs among. */
public final class EncoderConfigs {
  private static final int D = 12;
  private static final Similarity UNTIED = new Similarity(false, 1, false);

  private EncoderConfigs() {}

  /** All of them. */
  public static Stream<EncoderConfig> all() {
    return Stream.concat(causal(), Stream.of(bidirectional()));
  }

  /** Those whose positions see no later click. */
  public static Stream<EncoderConfig> causal() {
    Stream<EncoderConfig> narms = Arrays.stream(AttentionScore.values())
        .map(score -> narm()
            .hidden(20)
            .score(score)
            .softmaxAttention(true)
            .readout(Readout.LAST)
            .lastClicks(4)
            .build());
    Stream<EncoderConfig> positions = Arrays.stream(PositionEncoding.values())
        .map(code -> transformer().positions(code).lastClicks(3).build());
    Stream<EncoderConfig> others = Stream.of(
        narm().similarity(UNTIED).readout(Readout.LAST).build(),
        narm().score(AttentionScore.GENERAL).readout(Readout.MEAN).build(),
        narm().softmaxAttention(true).lastClicks(4).build(),
        narm().topClicks(2).build(),
        narm()
            .topClicks(1)
            .softmaxAttention(true)
            .readout(Readout.LAST)
            .lastClicks(4)
            .build(),
        narm().topClicks(3).readout(Readout.MEAN).build(),
        GruConfig.builder()
            .dimension(D)
            .hidden(20)
            .inputDropout(0.2f)
            .stateDropout(0.2f)
            .build(),
        convolution().readout(Readout.LAST).build(),
        convolution().blocks(1).build(), // sees 7 clicks, of sessions of up to 30
        convolution().blocks(1).kernel(2).similarity(UNTIED).build(),
        convolution().blocks(2).kernel(4).readout(Readout.MEAN).build(),
        convolution().blocks(3).kernel(2).readout(Readout.SUM).build(),
        hierarchical().build(),
        hierarchical().hidden(20).visits(2).visitGap(VisitGap.of("1m")).build(),
        hierarchical().similarity(UNTIED).visitGap(VisitGap.of("1d")).build(),
        stamp().dimension(D).lastClicks(4).build(),
        stamp()
            .dimension(D)
            .similarity(UNTIED)
            .hops(3)
            .softmaxAttention(true)
            .agePositions(false)
            .build(),
        mean().build(),
        mean().similarity(UNTIED).lastClicks(3).build(),
        transformer().sharing(LayerSharing.SHARED).readout(Readout.MEAN).build(),
        transformer()
            .positions(PositionEncoding.ROTARY)
            .sharing(LayerSharing.HALTING)
            .build(),
        transformer()
            .positions(PositionEncoding.NONE)
            .timeBias(TimeBias.GAP)
            .lastClicks(4)
            .build(),
        transformer()
            .timeBias(TimeBias.GAP)
            .sharing(LayerSharing.SHARED)
            .readout(Readout.SUM)
            .build(),
        transformer().layers(1).readout(Readout.PROJECTED).build(),
        transformer().edges(Edges.SESSION_GRAPH).lastClicks(4).build(),
        transformer()
            .positions(PositionEncoding.ROTARY)
            .timeBias(TimeBias.GAP)
            .edges(Edges.SESSION_GRAPH)
            .readout(Readout.PROJECTED)
            .lastClicks(6)
            .build(),
        memoryNetwork(narm().similarity(UNTIED).readout(Readout.LAST).build()).build(),
        memoryNetwork(smallNarm()).slots(512).sharpness(40).build(), // some slots stay empty
        memoryNetwork(transformer().timeBias(TimeBias.GAP).lastClicks(4).build())
            .build(),
        new DriftConfig(memoryNetwork(narm().lastClicks(4).build()).build()),
        new EnsembleConfig(
            smallNarm(),
            transformer().sharing(LayerSharing.SHARED).readout(Readout.MEAN).build()),
        new EnsembleConfig(
            transformer()
                .positions(PositionEncoding.ROTARY)
                .timeBias(TimeBias.GAP)
                .edges(Edges.SESSION_GRAPH)
                .sharing(LayerSharing.HALTING)
                .lastClicks(3)
                .build(),
            memory()),
        new EnsembleConfig(hierarchical().dimension(8).build(), smallNarm()),
        new EnsembleConfig(convolution().dimension(8).blocks(1).build(), memory()),
        new DriftConfig(memory()),
        new EnsembleConfig(mean().dimension(8).lastClicks(4).build(), memory()),
        new EnsembleConfig(
            new DriftConfig(smallNarm()),
            new DriftConfig(
                transformer().timeBias(TimeBias.GAP).readout(Readout.MEAN).build())));
    return Stream.of(narms, positions, others).flatMap(each -> each);
  }

  /** One that sees all clicks of a session. */
  public static EncoderConfig bidirectional() {
    return transformer().direction(Direction.BIDIRECTIONAL).lastClicks(6).build();
  }

  private static NarmConfig.Builder narm() {
    return NarmConfig.builder().dimension(D).hidden(D).inputDropout(0.25f);
  }

  private static EncoderConfig smallNarm() {
    return narm().dimension(8).hidden(20).softmaxAttention(true).lastClicks(4).build();
  }

  private static ConvolutionConfig.Builder convolution() {
    return ConvolutionConfig.builder().dimension(D).inputDropout(0.2f);
  }

  private static HierarchicalConfig.Builder hierarchical() {
    return HierarchicalConfig.builder().dimension(D).hidden(D).inputDropout(0.2f);
  }

  private static StampConfig.Builder stamp() {
    return StampConfig.builder().lastClicks(50).inputDropout(0.2f);
  }

  private static MeanConfig.Builder mean() {
    return MeanConfig.builder().dimension(D).inputDropout(0.2f);
  }

  /** STAMP of several hops, as a memory network. */
  private static EncoderConfig memory() {
    return stamp()
        .dimension(16)
        .similarity(UNTIED)
        .hops(2)
        .softmaxAttention(true)
        .build();
  }

  private static MemoryNetworkConfig.Builder memoryNetwork(EncoderConfig own) {
    return MemoryNetworkConfig.builder().encoder(own).slots(32).sharpness(8);
  }

  private static TransformerConfig.Builder transformer() {
    return TransformerConfig.builder()
        .dimension(D)
        .layers(3)
        .feedForward(2)
        .readout(Readout.LAST)
        .inputDropout(0.1f)
        .layerDropout(0.1f);
  }
}
