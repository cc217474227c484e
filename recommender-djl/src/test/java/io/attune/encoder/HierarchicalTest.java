package io.attune.encoder;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDManager;
import io.attune.model.ComputeDevice;
import io.attune.model.HierarchicalConfig;
import io.attune.model.Similarity;
import io.attune.model.TimeGaps;
import io.attune.session.Sessions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HierarchicalTest {
  private static final int D = 6;
  private static final int H = 4;
  private static final long MINUTE = 60_000;
  private static final long HOUR = 60 * MINUTE;
  private static final HierarchicalConfig SMALL = HierarchicalConfig.builder()
      .dimension(D)
      .hidden(H)
      .visits(2)
      .similarity(new Similarity(false, 1, true))
      .build();

  /** Two visits before the current one, of two, one and two clicks. */
  private static final int[] CLICKS = {3, 9, 4, 17, 2};

  private static final long[] TIMES = {
    0, MINUTE, 20 * HOUR, 25 * HOUR, 25 * HOUR + MINUTE,
  };

  private final NDManager manager = Torch.manager(ComputeDevice.CPU);

  @AfterEach
  void free() {
    manager.close();
  }

  /** With scores that are known, shares follow by hand. */
  @Test
  void theShareOfAClickIsThatOfItsVisitTimesThatInTheVisit() {
    EncoderFixture encoder = new EncoderFixture(manager, SMALL);
    encoder.set("clicks.context", new float[H]);
    encoder.set("visits.query", new float[H * H]);
    // Since the ends of the visits: 25 h, 5 h and nothing. Scores log 2, log 3 and 0.
    long now = TIMES[4];
    float[] gaps = new float[TimeGaps.BUCKETS];
    assertThat(TimeGaps.bucket(TIMES[1], now)).isNotEqualTo(TimeGaps.bucket(TIMES[2], now));
    gaps[TimeGaps.bucket(TIMES[1], now)] = (float) Math.log(2);
    gaps[TimeGaps.bucket(TIMES[2], now)] = (float) Math.log(3);
    encoder.set("visits.gaps", gaps);

    float[] shares =
        encoder.run(batch(CLICKS, TIMES, 4), false).attention().get().toFloatArray();

    assertThat(shares)
        .usingComparatorWithPrecision(1e-6f)
        .containsExactly(1 / 6f, 1 / 6f, 3 / 6f, 1 / 12f, 1 / 12f);
  }

  /** The decoder sees the state, the visit's vector and the visitor's; here they are added up. */
  @Test
  void theQueryIsTheMeanOfTheClickedItemsAndWhatIsDecoded() {
    EncoderFixture encoder = new EncoderFixture(manager, SMALL);
    int[] places = {0, 1, 2, 3, 4};
    float[] queries = encoder.encode(batch(CLICKS, TIMES, places));
    encoder.set("decoder.b", new float[3 * H * D]);
    float[] means = encoder.encode(batch(CLICKS, TIMES, places));
    float[] attention =
        encoder.run(batch(CLICKS, TIMES, places), false).attention().get().toFloatArray();
    float[] expected = new float[means.length];
    for (int p = 0; p < places.length; p++) {
      for (int w = 0; w < CLICKS.length; w++) {
        int click = p - (CLICKS.length - 1 - w);
        for (int j = 0; j < D && click >= 0; j++) {
          float item = encoder.table()[CLICKS[click] * D + j];
          expected[p * D + j] += attention[p * CLICKS.length + w] * item;
        }
      }
    }
    assertThat(means).usingComparatorWithPrecision(1e-6f).containsExactly(expected);
    assertThat(queries).isNotEqualTo(means);
  }

  @Test
  void theGruBeginsAnewWithEachVisit() {
    EncoderFixture encoder = new EncoderFixture(manager, SMALL);
    onlyTheState(encoder);
    float[] all = encoder.encode(batch(CLICKS, TIMES, 0, 1, 2, 3, 4));
    float[] alone = encoder.encode(batch(new int[] {17, 2}, new long[] {0, MINUTE}, 0, 1));
    assertThat(Arrays.copyOfRange(all, 3 * D, 5 * D))
        .usingComparatorWithPrecision(1e-6f)
        .containsExactly(alone);
  }

  /** Leaves of the context the state alone, and of the mean of items nothing. */
  private static void onlyTheState(EncoderFixture encoder) {
    float[] decoder = encoder.weight("decoder.b");
    Arrays.fill(decoder, H * D, 3 * H * D, 0);
    encoder.set("decoder.b", decoder);
    // The current visit has all the attention, and of its clicks the mean is the same in both.
    float[] gaps = new float[TimeGaps.BUCKETS];
    gaps[0] = 1000;
    encoder.set("visits.gaps", gaps);
    encoder.set("visits.query", new float[H * H]);
  }

  @Test
  void visitsBeforeTheLastKAreForgotten() {
    EncoderFixture encoder = new EncoderFixture(manager, SMALL);
    int[] clicks = {5, 3, 4, 17};
    int[] others = {6, 3, 4, 17};
    long[] times = {0, HOUR, 2 * HOUR, 3 * HOUR};
    float[] one = encoder.encode(batch(clicks, times, 2, 3));
    float[] other = encoder.encode(batch(others, times, 2, 3));
    assertThat(Arrays.copyOfRange(one, 0, D)).isNotEqualTo(Arrays.copyOfRange(other, 0, D));
    assertThat(Arrays.copyOfRange(one, D, 2 * D)).isEqualTo(Arrays.copyOfRange(other, D, 2 * D));
  }

  @Test
  void withoutTimesAHistoryIsOneVisitAndAClickWithoutOneIsOfTheVisitBefore() {
    EncoderFixture encoder = new EncoderFixture(manager, SMALL);
    long[] none = TimeGaps.noTimes(CLICKS.length);
    long[] close = {0, MINUTE, 2 * MINUTE, 3 * MINUTE, 4 * MINUTE};
    float[] one = encoder.encode(batch(CLICKS, none, 4));
    assertThat(encoder.encode(batch(CLICKS, close, 4))).containsExactly(one);
    assertThat(encoder.encode(batch(CLICKS, TIMES, 4))).isNotEqualTo(one);
    long[] some = TIMES.clone();
    some[3] = Sessions.NO_TIME; // so the third visit begins a click later
    long[] later = {0, MINUTE, 20 * HOUR, 20 * HOUR, 25 * HOUR + MINUTE};
    assertThat(encoder.encode(batch(CLICKS, some, 4)))
        .containsExactly(encoder.encode(batch(CLICKS, later, 4)));
  }

  /** Long visits, short ones and sessions of one are encoded in groups. */
  @Test
  void whatElseIsInABatchChangesNothing() {
    EncoderFixture encoder = new EncoderFixture(manager, SMALL);
    List<int[]> sessions = new ArrayList<>();
    List<long[]> times = new ArrayList<>();
    for (int length = 1; length <= 20; length++) {
      int[] rows = new int[length];
      long[] when = new long[length];
      for (int i = 0; i < length; i++) {
        rows[i] = 1 + (length * 7 + i * 3) % 20;
        when[i] = (i * i / (length + 2)) * HOUR;
      }
      sessions.add(rows);
      times.add(when);
    }
    int[] last = new int[sessions.size()];
    for (int s = 0; s < last.length; s++) {
      last[s] = s * 20 + sessions.get(s).length - 1;
    }
    SessionBatch together = SessionBatch.of(sessions, 20, last);
    for (int s = 0; s < last.length; s++) {
      System.arraycopy(times.get(s), 0, together.times(), s * 20, times.get(s).length);
    }
    float[] queries = encoder.encode(together);
    for (int s = 0; s < last.length; s++) {
      int[] rows = sessions.get(s);
      assertThat(encoder.encode(batch(rows, times.get(s), rows.length - 1)))
          .as("session of %d", rows.length)
          .usingComparatorWithPrecision(1e-5f)
          .containsExactly(Arrays.copyOfRange(queries, s * D, (s + 1) * D));
    }
  }

  private static SessionBatch batch(int[] clicks, long[] times, int... positions) {
    return new SessionBatch(1, clicks.length, clicks, times, positions);
  }
}
