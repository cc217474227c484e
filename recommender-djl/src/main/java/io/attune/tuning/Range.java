package io.attune.tuning;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * The range that the value of one setting is drawn from.
 *
 * @param <T> the kind of value
 */
public sealed interface Range<T> permits Range.OneOf, Range.Logarithmic {
  /** The probability that a setting keeps its value, since the defaults are good already. */
  double KEPT = 0.5;

  /** Draws a value from this range. */
  T draw(RandomGenerator random);

  /** Keeps a value or draws another, with equal probability. */
  default T vary(T kept, RandomGenerator random) {
    return random.nextDouble() < KEPT ? kept : draw(random);
  }

  /**
   * Values that are equally likely.
   *
   * @param values at least one
   */
  record OneOf<T>(List<T> values) implements Range<T> {
    public OneOf {
      values = List.copyOf(values);
      if (values.isEmpty()) {
        throw new IllegalArgumentException("a range must have a value");
      }
    }

    @Override
    public T draw(RandomGenerator random) {
      return values.get(random.nextInt(values.size()));
    }
  }

  /**
   * Numbers whose logarithm is uniform, rounded to two digits.
   *
   * @param low the lowest, above 0
   * @param high the highest
   */
  record Logarithmic(double low, double high) implements Range<Double> {
    private static final MathContext DIGITS = new MathContext(2);

    public Logarithmic {
      if (!(low > 0 && low <= high)) {
        throw new IllegalArgumentException(
            "a logarithmic range must go from above 0 upwards, not from " + low + " to " + high);
      }
    }

    @Override
    public Double draw(RandomGenerator random) {
      double share = random.nextDouble();
      if (low == high) {
        return low;
      }
      double drawn = Math.exp(Math.log(low) + share * (Math.log(high) - Math.log(low)));
      return Math.clamp(new BigDecimal(drawn).round(DIGITS).doubleValue(), low, high);
    }
  }
}
