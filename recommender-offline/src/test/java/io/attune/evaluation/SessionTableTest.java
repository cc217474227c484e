package io.attune.evaluation;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SessionTableTest {
  @Test
  void theHashOfAnIdNeverChanges() {
    assertThat(SessionTable.hash("")).isZero();
    assertThat(SessionTable.hash("a")).isEqualTo(7075883509774426401L);
    assertThat(SessionTable.hash("visitor 17")).isEqualTo(-7064170406112639161L);
    assertThat(SessionTable.hash("\u00e9\u4e00")).isEqualTo(-5900796761092019909L);
  }
}
