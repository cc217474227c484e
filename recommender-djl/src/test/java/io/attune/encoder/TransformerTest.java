package io.attune.encoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDManager;
import io.attune.model.ComputeDevice;
import io.attune.model.Edges;
import io.attune.model.LayerSharing;
import io.attune.model.PositionAngles;
import io.attune.model.PositionEncoding;
import io.attune.model.Readout;
import io.attune.model.TimeBias;
import io.attune.model.TransformerConfig;
import io.attune.session.Sessions;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TransformerTest {
  private static final int D = 4;

  private final NDManager manager = Torch.manager(ComputeDevice.CPU);

  @AfterEach
  void free() {
    manager.close();
  }

  @Test
  void withoutPositionsTheEarlierClicksAreASet() {
    EncoderFixture encoder = fixture(1, PositionEncoding.NONE, LayerSharing.INDEPENDENT, 50);
    assertClose(
        encoder.encode(List.of(new int[] {9, 3, 4}), 3, 2),
        encoder.encode(List.of(new int[] {3, 9, 4}), 3, 2));
    for (PositionEncoding code : PositionEncoding.values()) {
      if (code != PositionEncoding.NONE) {
        EncoderFixture ordered = fixture(1, code, LayerSharing.INDEPENDENT, 50);
        assertThat(ordered.encode(List.of(new int[] {9, 3, 4}), 3, 2))
            .isNotEqualTo(ordered.encode(List.of(new int[] {3, 9, 4}), 3, 2));
      }
    }
  }

  @Test
  void aWindowReachesAsFarBackAsItsLayers() {
    // Two layers of a window of two: the last of four clicks sees three.
    EncoderFixture encoder = fixture(2, PositionEncoding.ROTARY, LayerSharing.INDEPENDENT, 2);
    float[] query = encoder.encode(List.of(new int[] {3, 9, 4, 7}), 4, 3);
    assertClose(encoder.encode(List.of(new int[] {8, 9, 4, 7}), 4, 3), query);
    assertThat(encoder.encode(List.of(new int[] {3, 8, 4, 7}), 4, 3)).isNotEqualTo(query);
  }

  @Test
  void rotaryPositionsDependOnDistancesAlone() {
    // One layer: what is seen of the last two clicks does not change with their places.
    EncoderFixture encoder = fixture(1, PositionEncoding.ROTARY, LayerSharing.INDEPENDENT, 2);
    assertClose(
        encoder.encode(List.of(new int[] {8, 8, 8, 4, 7}), 5, 4),
        encoder.encode(List.of(new int[] {4, 7}), 2, 1));
  }

  @Test
  void sharedLayersHaveTheWeightsOfOne() {
    EncoderFixture shared = fixture(3, PositionEncoding.NONE, LayerSharing.SHARED, 50);
    EncoderFixture single = fixture(1, PositionEncoding.NONE, LayerSharing.INDEPENDENT, 50);
    assertThat(shared.weight("block.feed.in.w")).isEqualTo(single.weight("block0.feed.in.w"));
    assertThat(shared.encode(List.of(new int[] {3, 9}), 2, 1))
        .isNotEqualTo(single.encode(List.of(new int[] {3, 9}), 2, 1));
  }

  @Test
  void depthIsBetweenOneAndTheNumberOfLayers() {
    EncoderFixture encoder = fixture(6, PositionEncoding.NONE, LayerSharing.HALTING, 50);
    SessionBatch batch =
        SessionBatch.of(List.of(new int[] {3, 9, 4, 7}), 4, new int[] {0, 1, 2, 3});
    SessionEncoder.Halting halting = encoder.run(batch, false).halting();
    assertThat(halting).isNotNull();
    // Probabilities near one half add up to 0.99 after two layers or three.
    for (float depth : halting.depth().toFloatArray()) {
      assertThat(depth).isBetween(2f, 4f);
    }
    assertThat(halting.cost().toFloatArray()[0]).isBetween(1e-4f, 1e-2f);
  }

  @Test
  void sinusoidalPlacesAreThoseOfThePaper() {
    float[] values = new float[4];
    PositionAngles.sinusoidal(3, 4, values, 0);
    assertThat((double) values[0]).isCloseTo(Math.sin(3), within(1e-6));
    assertThat((double) values[1]).isCloseTo(Math.cos(3), within(1e-6));
    assertThat((double) values[2]).isCloseTo(Math.sin(0.03), within(1e-6));
    assertThat((double) values[3]).isCloseTo(Math.cos(0.03), within(1e-6));
  }

  @Test
  void theTimesBetweenClicksCountAndWhenTheSessionWasDoesNot() {
    for (Readout readout : Readout.values()) {
      EncoderFixture encoder = timed(TimeBias.GAP, readout);
      float[] query = encodeAt(encoder, 0, 90_000, 95_000);
      assertThat(encodeAt(encoder, 500_000, 590_000, 595_000)).isEqualTo(query);
      assertThat(encodeAt(encoder, 0, 30_000, 95_000)).isNotEqualTo(query);
      // As many seconds, but in the same buckets: 64 to 127 and 4 to 7.
      assertThat(encodeAt(encoder, 0, 91_000, 95_000)).isEqualTo(query);
    }
  }

  @Test
  void whereNoTimeIsKnownNothingIsAdded() {
    long none = Sessions.NO_TIME;
    for (Readout readout : Readout.values()) {
      float[] without = encodeAt(timed(TimeBias.NONE, readout), 0, 90_000, 95_000);
      assertThat(encodeAt(timed(TimeBias.GAP, readout), none, none, none)).isEqualTo(without);
      assertThat(encodeAt(timed(TimeBias.GAP, readout), none, 90_000, 95_000))
          .isNotEqualTo(without);
    }
  }

  @Test
  void edgesTellWhatASetOfClicksDoesNot() {
    EncoderFixture without = set(Edges.NONE);
    EncoderFixture with = set(Edges.SESSION_GRAPH);
    // 9 or 3 came directly before 4.
    assertClose(
        without.encode(List.of(new int[] {9, 3, 4}), 3, 2),
        without.encode(List.of(new int[] {3, 9, 4}), 3, 2));
    assertThat(with.encode(List.of(new int[] {9, 3, 4}), 3, 2))
        .isNotEqualTo(with.encode(List.of(new int[] {3, 9, 4}), 3, 2));
    // The same edges to and from 4 by another way: 9 before, 3 after and 7 beside it.
    assertClose(
        with.encode(List.of(new int[] {7, 9, 4, 3, 7, 9, 4}), 7, 6),
        with.encode(List.of(new int[] {9, 4, 3, 7, 7, 9, 4}), 7, 6));
  }

  @Test
  void anEdgeIsMadeByItsSecondClickAndGoesWithTheFirst() {
    EncoderFixture encoder = fixture(TransformerConfig.builder()
        .layers(1)
        .positions(PositionEncoding.NONE)
        .edges(Edges.SESSION_GRAPH)
        .readout(Readout.LAST)
        .lastClicks(4));
    float[] all = encoder.encode(List.of(new int[] {4, 9, 3, 4, 9}), 5, 3, 4);
    // At the second 4, nothing is known of the 9 that follows.
    assertClose(Arrays.copyOf(all, D), encoder.encode(List.of(new int[] {4, 9, 3, 4, 7}), 5, 3));
    // At the second 9, the first 4 has left the window.
    assertClose(
        Arrays.copyOfRange(all, D, 2 * D), encoder.encode(List.of(new int[] {9, 3, 4, 9}), 4, 3));
  }

  /** One layer that sees the earlier clicks as a set. */
  private EncoderFixture set(Edges edges) {
    return fixture(TransformerConfig.builder()
        .layers(1)
        .positions(PositionEncoding.NONE)
        .edges(edges)
        .readout(Readout.LAST));
  }

  private EncoderFixture timed(TimeBias bias, Readout readout) {
    return fixture(2, PositionEncoding.LEARNED, bias, LayerSharing.INDEPENDENT, readout, 50);
  }

  private static float[] encodeAt(EncoderFixture encoder, long... times) {
    SessionBatch batch = new SessionBatch(1, 3, new int[] {3, 9, 4}, times, new int[] {2});
    return encoder.run(batch, false).queries().toFloatArray();
  }

  private EncoderFixture fixture(
      int layers, PositionEncoding positions, LayerSharing sharing, int lastClicks) {
    return fixture(layers, positions, TimeBias.NONE, sharing, Readout.LAST, lastClicks);
  }

  private EncoderFixture fixture(
      int layers,
      PositionEncoding positions,
      TimeBias timeBias,
      LayerSharing sharing,
      Readout readout,
      int lastClicks) {
    return fixture(TransformerConfig.builder()
        .layers(layers)
        .positions(positions)
        .timeBias(timeBias)
        .sharing(sharing)
        .readout(readout)
        .lastClicks(lastClicks));
  }

  private EncoderFixture fixture(TransformerConfig.Builder config) {
    return new EncoderFixture(
        manager,
        config
            .dimension(D)
            .feedForward(2)
            .inputDropout(0)
            .attentionDropout(0)
            .layerDropout(0)
            .build());
  }

  private static void assertClose(float[] actual, float[] expected) {
    assertThat(actual).usingComparatorWithPrecision(1e-4f).containsExactly(expected);
  }
}
