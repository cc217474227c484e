package io.attune.encoder;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import io.attune.model.Direction;
import io.attune.model.PositionAngles;
import io.attune.model.PositionEncoding;
import io.attune.model.TransformerConfig;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * How a {@link Transformer} knows where in its session a click is, see {@link PositionEncoding}: a
 * vector of the place is added to that of the click, or each layer rotates queries and keys by the
 * place's angle.
 */
final class PositionEmbedding {
  private final TransformerConfig config;
  private final int headSize; // D / N

  PositionEmbedding(TransformerConfig config) {
    this.config = config;
    this.headSize = config.dimension() / config.heads();
  }

  void initialize(Weights weights, RandomGenerator random) {
    if (config.positions() == PositionEncoding.LEARNED) {
      weights.uniform("positions", random, 0.1f, config.lastClicks(), config.dimension());
    }
  }

  /** The clicks with their places, float32 (B, L, D) to the same. */
  NDArray addTo(NDArray clicks, Weights weights, Positions positions) {
    NDManager manager = positions.manager();
    int length = positions.length();
    // One row of places does for all sessions where all are shown whole.
    boolean whole = Arrays.stream(positions.firsts()).allMatch(first -> first == 0);
    int rows = whole ? 1 : positions.sessions();
    return switch (config.positions()) {
      case LEARNED -> {
        long[] places = new long[rows * length];
        for (int i = 0; i < places.length; i++) {
          places[i] = config.direction() == Direction.BIDIRECTIONAL
              ? Math.min(place(positions, i), config.lastClicks() - 1)
              : PositionEncoding.learned(place(positions, i), config.lastClicks());
        }
        NDArray index = manager.create(places, new Shape(rows, length));
        yield clicks.add(Layers.rows(weights.get("positions"), index));
      }
      case SINUSOIDAL -> {
        int d = config.dimension();
        float[] values = new float[Math.multiplyExact(rows * length, d)];
        for (int i = 0; i < rows * length; i++) {
          PositionAngles.sinusoidal(place(positions, i), d, values, i * d);
        }
        yield clicks.add(manager.create(values, new Shape(rows, length, d)));
      }
      case ROTARY, NONE -> clicks;
    };
  }

  /** The place of a click in its session, by its flat index in the batch. */
  private static int place(Positions positions, int flat) {
    return positions.firsts()[flat / positions.length()] + flat % positions.length();
  }

  /**
   * The cosines and sines of {@link #rotated}, each float32 (L, D / N / 2); null where nothing is
   * rotated. Places count from the beginning of a piece: only the distance of two clicks matters.
   */
  @Nullable
  NDList rotation(Positions positions) {
    if (config.positions() != PositionEncoding.ROTARY) {
      return null;
    }
    int length = positions.length();
    int half = headSize / 2;
    float[] cosines = new float[length * half];
    float[] sines = new float[length * half];
    for (int place = 0; place < length; place++) {
      for (int i = 0; i < half; i++) {
        double angle = PositionAngles.angle(place, i, headSize);
        cosines[place * half + i] = (float) Math.cos(angle);
        sines[place * half + i] = (float) Math.sin(angle);
      }
    }
    NDManager manager = positions.manager();
    Shape shape = new Shape(length, half);
    return new NDList(manager.create(cosines, shape), manager.create(sines, shape));
  }

  /** Each pair of elements {@code (i, i + half)} turned by its place's angle. */
  static NDArray rotated(NDArray x, @Nullable NDList rotation) {
    if (rotation == null) {
      return x;
    }
    NDArray cosines = rotation.get(0);
    NDArray sines = rotation.get(1);
    long half = cosines.getShape().get(1);
    NDArray a = x.get(new NDIndex("..., :{}", half));
    NDArray b = x.get(new NDIndex("..., {}:", half));
    return NDArrays.concat(
        new NDList(a.mul(cosines).sub(b.mul(sines)), b.mul(cosines).add(a.mul(sines))), 3);
  }
}
