package io.attune.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

class ArithmeticTest {
  private static final int AROUND = 3;

  private interface Stretch {
    void apply(float[] values, int at, int length);
  }

  @Test
  void functionsAreThoseOfMathematics() {
    assertFunction(Arithmetic::sigmoid, x -> 1 / (1 + Math.exp(-x)), 2e-7);
    assertFunction(Arithmetic::tanh, Math::tanh, 3e-7);
    assertFunction(Arithmetic::gelu, ArithmeticTest::gelu, 1e-6);
  }

  @Test
  void functionsKeepToTheirStretchAndPassOnWhatIsNoNumber() {
    for (Stretch function :
        new Stretch[] {Arithmetic::sigmoid, Arithmetic::tanh, Arithmetic::gelu}) {
      float[] values = {5, 5, Float.NaN, 1e30f, -1e30f, 5, 5};
      function.apply(values, 2, 3);
      assertThat(values).startsWith(5, 5).endsWith(5, 5);
      assertThat(values[2]).isNaN();
      assertThat(values[3]).isGreaterThan(0.9999998f);
      assertThat(Math.abs(values[4])).isLessThan(1.0000002f);
    }
  }

  @Test
  void theExponentialIsGoodToItsLastPlaces() {
    for (float x = -20; x < 20; x += 0.0371f) {
      assertThat((double) Arithmetic.exp(x)).isCloseTo(Math.exp(x), within(4e-7 * Math.exp(x)));
      assertThat((double) Arithmetic.sigmoid(x)).isCloseTo(1 / (1 + Math.exp(-x)), within(3e-7));
    }
    assertThat(Arithmetic.exp(-200)).isZero();
    assertThat(Arithmetic.sigmoid(-200)).isBetween(0f, 1e-37f);
  }

  private static void assertFunction(Stretch function, DoubleUnaryOperator exact, double error) {
    float[] arguments = new float[20_001];
    for (int i = 0; i < arguments.length; i++) {
      arguments[i] = -30 + 0.003f * i;
    }
    float[] values = new float[arguments.length + 2 * AROUND];
    System.arraycopy(arguments, 0, values, AROUND, arguments.length);
    function.apply(values, AROUND, arguments.length);
    float[] found = Arrays.copyOfRange(values, AROUND, AROUND + arguments.length);
    for (int i = 0; i < found.length; i++) {
      double wanted = exact.applyAsDouble(arguments[i]);
      assertThat((double) found[i])
          .as("of %s", arguments[i])
          .isCloseTo(wanted, within(error * Math.max(1, Math.abs(wanted))));
    }
  }

  /** {@code x Φ(x)}, with Φ by Simpson's rule on the normal density. */
  private static double gelu(double x) {
    int steps = 400;
    double end = Math.min(Math.abs(x), 9);
    double width = end / steps;
    double sum = 0;
    for (int i = 0; i <= steps; i++) {
      double weight = i == 0 || i == steps ? 1 : i % 2 == 0 ? 2 : 4;
      sum += weight * Math.exp(-0.5 * i * width * i * width);
    }
    double half = sum * width / 3 / Math.sqrt(2 * Math.PI);
    return x * (x < 0 ? 0.5 - half : 0.5 + half);
  }
}
