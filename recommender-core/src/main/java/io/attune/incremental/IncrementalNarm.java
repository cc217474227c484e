package io.attune.incremental;

import io.attune.model.AttentionScore;
import io.attune.model.NarmConfig;
import io.attune.model.Readout;
import io.attune.vector.Arithmetic;
import io.attune.vector.ItemVectors;
import io.attune.vector.ScratchPool;
import java.util.Arrays;

/**
 * The incremental form of {@code io.attune.encoder.Narm}. The state is the GRU's hidden state and,
 * for each click in the window, the hidden state after it with its attention key.
 */
final class IncrementalNarm implements IncrementalEncoder {
  private final NarmConfig config;
  private final ItemVectors inputs;
  private final GruCell cell;
  private final Scorer scorer;
  private final Matrix decoder; // (2H, D); empty if the readout is the mean of the clicks
  private final int hidden;
  private final int keySize;
  private final ScratchPool<Scratch> scratch;

  /** Compares the newest hidden state with earlier ones, see {@link AttentionScore}. */
  private sealed interface Scorer {
    record Additive(Matrix queryProjection, Matrix keys, float[] v) implements Scorer {}

    record General(Matrix queryProjection) implements Scorer {}

    record Dot(float factor) implements Scorer {}
  }

  /** Scratch memory for one step or query. */
  private static final class Scratch {
    final float[] projected;
    final float[] summed;
    final float[] context; // [global, local]
    final float[] slot;
    final float[] local;
    final float[] shares;

    Scratch(int hidden, int lastClicks) {
      projected = new float[hidden];
      summed = new float[hidden];
      context = new float[2 * hidden];
      slot = new float[hidden];
      local = new float[hidden];
      shares = new float[lastClicks];
    }
  }

  IncrementalNarm(NarmConfig config, IncrementalWeights weights, ItemVectors inputs) {
    this.config = config;
    this.inputs = inputs;
    this.cell = new GruCell(weights, config.dimension(), config.hidden());
    this.hidden = config.hidden();
    this.scorer = switch (config.score()) {
      case ADDITIVE ->
        new Scorer.Additive(
            Matrix.of(weights, "attention.a1", hidden, hidden),
            Matrix.of(weights, "attention.a2", hidden, hidden),
            weights.get("attention.v", hidden));
      case GENERAL -> new Scorer.General(Matrix.of(weights, "attention.a1", hidden, hidden));
      case DOT -> new Scorer.Dot(1);
      case SCALED_DOT -> new Scorer.Dot((float) (1 / Math.sqrt(hidden)));
    };
    this.keySize = config.score() == AttentionScore.ADDITIVE ? hidden : 0;
    this.decoder = config.readout() == Readout.MEAN
        ? Matrix.EMPTY
        : Matrix.of(weights, "decoder.b", 2 * hidden, config.dimension());
    this.scratch = new ScratchPool<>(() -> new Scratch(hidden, config.lastClicks()));
  }

  @Override
  public SessionState start() {
    return new SessionState(hidden, config.lastClicks(), hidden + keySize);
  }

  @Override
  public void advance(SessionState state, int row, long time) {
    cell.step(inputs, row, state.carried);
    int at = state.append(row);
    System.arraycopy(state.carried, 0, state.slots, at, hidden);
    if (scorer instanceof Scorer.Additive additive) {
      scratch.use(s -> {
        additive.keys.apply(state.carried, 0, s.projected);
        System.arraycopy(s.projected, 0, state.slots, at + hidden, hidden);
      });
    }
  }

  @Override
  public void query(SessionState state, float[] query, float[] attention) {
    scratch.use(s -> query(state, query, attention, s));
  }

  private void query(SessionState state, float[] query, float[] attention, Scratch s) {
    int kept = state.kept();
    score(state, s, attention);
    keepHighest(attention, kept, s);
    Arrays.fill(query, 0);
    if (config.readout() == Readout.LAST) {
      decode(state, s, query, attention);
    } else {
      System.arraycopy(attention, 0, s.shares, 0, kept);
      if (config.readout() != Readout.MEAN) {
        decode(state, s, query, attention);
      }
      System.arraycopy(s.shares, 0, attention, 0, kept);
      Arithmetic.softmax(attention, kept);
      for (int i = 0; i < kept; i++) {
        if (attention[i] != 0) {
          inputs.addTo(query, state.row(i), attention[i]);
        }
      }
    }
    QueryNorm.apply(config.similarity(), query);
  }

  /** Leaves the clicks that hard attention does not read a score of negative infinity. */
  private void keepHighest(float[] scores, int kept, Scratch s) {
    int top = config.topClicks();
    if (top == 0 || top >= kept) {
      return;
    }
    System.arraycopy(scores, 0, s.shares, 0, kept);
    Arrays.sort(s.shares, 0, kept);
    float least = s.shares[kept - top];
    for (int i = 0; i < kept; i++) {
      if (scores[i] < least) {
        scores[i] = Float.NEGATIVE_INFINITY;
      }
    }
  }

  /**
   * Turns scores into attention weights and adds the output of the bilinear decoder to the query.
   */
  private void decode(SessionState state, Scratch s, float[] query, float[] attention) {
    int kept = state.kept();
    if (config.softmaxAttention()) {
      Arithmetic.softmax(attention, kept);
    }
    Arrays.fill(s.local, 0);
    for (int i = 0; i < kept; i++) {
      if (attention[i] == Float.NEGATIVE_INFINITY) {
        attention[i] = 0;
      }
      if (attention[i] != 0) {
        System.arraycopy(state.slots, state.at(i), s.slot, 0, hidden);
        Arithmetic.addScaled(s.local, attention[i], s.slot, hidden);
      }
    }
    System.arraycopy(state.carried, 0, s.context, 0, hidden);
    System.arraycopy(s.local, 0, s.context, hidden, hidden);
    decoder.add(s.context, 0, query);
  }

  private void score(SessionState state, Scratch s, float[] scores) {
    int kept = state.kept();
    switch (scorer) {
      case Scorer.Additive additive -> {
        additive.queryProjection.apply(state.carried, 0, s.projected);
        for (int i = 0; i < kept; i++) {
          System.arraycopy(state.slots, state.at(i) + hidden, s.summed, 0, hidden);
          Arithmetic.addScaled(s.summed, 1, s.projected, hidden);
          Arithmetic.sigmoid(s.summed, 0, hidden);
          scores[i] = Arithmetic.dot(s.summed, 0, additive.v, 0, hidden);
        }
      }
      case Scorer.General general -> {
        general.queryProjection.apply(state.carried, 0, s.projected);
        for (int i = 0; i < kept; i++) {
          scores[i] = Arithmetic.dot(s.projected, 0, state.slots, state.at(i), hidden);
        }
      }
      case Scorer.Dot dot -> {
        for (int i = 0; i < kept; i++) {
          scores[i] =
              dot.factor * Arithmetic.dot(state.carried, 0, state.slots, state.at(i), hidden);
        }
      }
    }
  }
}
