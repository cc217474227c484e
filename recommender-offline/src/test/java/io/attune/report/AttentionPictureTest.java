package io.attune.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class AttentionPictureTest {
  @Test
  void aRowHasACellForEachClickInTheWindow() {
    String picture = AttentionPicture.afterEachClick(
        List.of(new float[] {1}, new float[] {0.25f, 0.75f}, new float[] {0.4f, 0.6f}), "three");
    assertThat(picture)
        .contains("aria-label=\"three\"", ">100 %<", ">25 %<", ">75 %<", ">40 %<", ">60 %<")
        .contains("click 2: 40 %", "click 3: 60 %") // the first is out of the window
        .doesNotContain("click 1: 40 %");
  }

  @Test
  void namesStayTextBesideTheSharesOfEachEncoder() {
    String picture = AttentionPicture.beside(
        List.of("a <b>bold</b> lamp", "desk"),
        List.of("gru", "narm"),
        List.of(new float[] {1}, new float[] {0.3f, 0.7f}),
        "two encoders");
    assertThat(picture)
        .contains("1. a &lt;b&gt;bold&lt;/b&gt; lamp", "2. desk", ">gru<", ">narm<")
        .contains("click 2: 100 %", "click 1: 30 %", "click 2: 70 %");
  }
}
