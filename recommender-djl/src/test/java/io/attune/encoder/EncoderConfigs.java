package io.attune.encoder;

import io.attune.model.AttentionScore;
import io.attune.model.Direction;
import io.attune.model.DriftConfig;
import io.attune.model.EncoderConfig;
import io.attune.model.EnsembleConfig;
import io.attune.model.GruConfig;
import io.attune.model.LayerSharing;
import io.attune.model.NarmConfig;
import io.attune.model.PositionEncoding;
import io.attune.model.Readout;
import io.attune.model.Similarity;
import io.attune.model.StampConfig;
import io.attune.model.TimeBias;
import io.attune.model.TransformerConfig;
import java.util.Arrays;
import java.util.stream.Stream;

/** Small encoders of all kinds, that each option occurs among. */
public final class EncoderConfigs {
  private static final int D = 12;
  private static final Similarity COSINE = Similarity.cosine(16);
  private static final Similarity UNTIED = new Similarity(false, 1, false);

  private EncoderConfigs() {}

  /** All of them. */
  public static Stream<EncoderConfig> all() {
    return Stream.concat(causal(), Stream.of(bidirectional()));
  }

  /** Those whose positions see no later click. */
  public static Stream<EncoderConfig> causal() {
    Stream<EncoderConfig> narm = Arrays.stream(AttentionScore.values())
        .map(score -> new NarmConfig(D, 20, COSINE, score, true, Readout.LAST, 4, 0.25f, 0.5f));
    Stream<EncoderConfig> positions = Arrays.stream(PositionEncoding.values())
        .map(code -> transformer(
            code, TimeBias.NONE, LayerSharing.INDEPENDENT, Readout.LAST, Direction.CAUSAL, 3));
    Stream<EncoderConfig> others = Stream.of(
        new NarmConfig(D, D, UNTIED, AttentionScore.ADDITIVE, false, Readout.LAST, 50, 0.25f, 0.5f),
        new NarmConfig(D, D, COSINE, AttentionScore.GENERAL, false, Readout.MEAN, 50, 0.25f, 0.5f),
        new NarmConfig(D, D, COSINE, AttentionScore.ADDITIVE, true, Readout.SUM, 4, 0.25f, 0.5f),
        new GruConfig(D, 20, COSINE, 0.2f, 0.2f),
        new StampConfig(D, COSINE, 1, false, true, 4, 0.2f),
        new StampConfig(D, UNTIED, 3, true, false, 50, 0.2f),
        transformer(
            PositionEncoding.LEARNED,
            TimeBias.NONE,
            LayerSharing.SHARED,
            Readout.MEAN,
            Direction.CAUSAL,
            50),
        transformer(
            PositionEncoding.ROTARY,
            TimeBias.NONE,
            LayerSharing.HALTING,
            Readout.LAST,
            Direction.CAUSAL,
            50),
        transformer(
            PositionEncoding.NONE,
            TimeBias.GAP,
            LayerSharing.INDEPENDENT,
            Readout.LAST,
            Direction.CAUSAL,
            4),
        transformer(
            PositionEncoding.LEARNED,
            TimeBias.GAP,
            LayerSharing.SHARED,
            Readout.SUM,
            Direction.CAUSAL,
            50),
        new EnsembleConfig(
            new NarmConfig(
                8, 20, COSINE, AttentionScore.ADDITIVE, true, Readout.SUM, 4, 0.25f, 0.5f),
            transformer(
                PositionEncoding.LEARNED,
                TimeBias.NONE,
                LayerSharing.SHARED,
                Readout.MEAN,
                Direction.CAUSAL,
                50)),
        new EnsembleConfig(
            transformer(
                PositionEncoding.ROTARY,
                TimeBias.GAP,
                LayerSharing.HALTING,
                Readout.LAST,
                Direction.CAUSAL,
                3),
            new StampConfig(16, UNTIED, 2, true, true, 50, 0.2f)),
        new DriftConfig(new StampConfig(16, UNTIED, 2, true, true, 50, 0.2f)),
        new EnsembleConfig(
            new DriftConfig(new NarmConfig(
                8, 20, COSINE, AttentionScore.ADDITIVE, true, Readout.SUM, 4, 0.25f, 0.5f)),
            new DriftConfig(transformer(
                PositionEncoding.LEARNED,
                TimeBias.GAP,
                LayerSharing.INDEPENDENT,
                Readout.MEAN,
                Direction.CAUSAL,
                50))));
    return Stream.of(narm, positions, others).flatMap(each -> each);
  }

  /** One that sees all clicks of a session. */
  public static EncoderConfig bidirectional() {
    return transformer(
        PositionEncoding.LEARNED,
        TimeBias.NONE,
        LayerSharing.INDEPENDENT,
        Readout.LAST,
        Direction.BIDIRECTIONAL,
        6);
  }

  private static EncoderConfig transformer(
      PositionEncoding positions,
      TimeBias timeBias,
      LayerSharing sharing,
      Readout readout,
      Direction direction,
      int lastClicks) {
    return new TransformerConfig(
        D,
        3,
        2,
        2,
        COSINE,
        positions,
        timeBias,
        sharing,
        readout,
        direction,
        lastClicks,
        0.1f,
        0.1f,
        0.1f,
        0.3f);
  }
}
