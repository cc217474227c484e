package io.attune.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class FieldTest {
  private final Field field = new Field();

  @Test
  void wholeNumbersAreWrittenAsJavaWritesThem() {
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < 10_000; i++) {
      long value = random.nextLong() >> random.nextInt(64);
      field.set(value);
      assertThat(field.toString()).isEqualTo(Long.toString(value));
    }
    for (long value : new long[] {0, Long.MIN_VALUE, Long.MAX_VALUE, -1, 10}) {
      field.set(value);
      assertThat(field.toString()).isEqualTo(Long.toString(value));
      assertThat(field.idProblem()).isNull();
    }
  }

  @Test
  void numbersWithAFractionAreWrittenWithoutAnExponent() {
    field.set(0.1f);
    assertThat(field.toString()).isEqualTo("0.1");
    field.set(1.5e-7);
    assertThat(field.toString()).isEqualTo("0.00000015");
    field.set(new BigDecimal("0E-9"));
    assertThat(field.toString()).isEqualTo("0.000000000");
    assertThat(field.idProblem()).isNull();
  }

  @Test
  void aFloatingPointNumberThatMayBeRoundedIsNoId() {
    field.set(9_007_199_254_740_992.0);
    assertThat(field.idProblem()).isNull();
    assertThat(field.toString()).isEqualTo("9007199254740992");
    field.set(9_007_199_254_740_994.0);
    assertThat(field.idProblem())
        .contains("above 9007199254740992, which may have lost its last digits");
    field.set(16_777_218f);
    assertThat(field.idProblem()).contains("above 16777216, which may have lost");
    field.set(Double.NaN);
    assertThat(field.idProblem()).isEqualTo("is empty");
    field.set(5L);
    assertThat(field.idProblem()).isNull();
  }
}
