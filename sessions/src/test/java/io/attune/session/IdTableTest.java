package io.attune.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class IdTableTest {
  @RepeatedTest(200)
  void idsAreNumberedAsALinkedMapWould(RepetitionInfo repetition) {
    Random random = new Random(repetition.getCurrentRepetition());
    List<String> ids = new ArrayList<>();
    for (int count = random.nextInt(301); count > 0; count--) {
      // Short ids repeat, including the empty one.
      StringBuilder id = new StringBuilder();
      for (int length = random.nextInt(random.nextBoolean() ? 3 : 21); length > 0; length--) {
        id.append((char) ('a' + random.nextInt(26)));
      }
      ids.add(id.toString());
    }
    IdTable table = new IdTable();
    Map<String, Integer> expected = new LinkedHashMap<>();
    for (String id : ids) {
      int number = expected.computeIfAbsent(id, any -> expected.size());
      assertThat(table.add(id)).isEqualTo(number);
    }
    List<String> kept = new ArrayList<>();
    for (int number = 0; number < table.size(); number++) {
      kept.add(table.get(number));
    }
    assertThat(kept).containsExactlyElementsOf(expected.keySet());
    expected.forEach((id, number) -> assertThat(table.find(id)).isEqualTo(number));
    assertThat(table.find("not there!")).isEqualTo(-1);
  }

  @Test
  void aMillionIdsAreFoundAgain() {
    IdTable table = new IdTable();
    for (int i = 0; i < 1_000_000; i++) {
      table.add("item-" + i);
    }
    assertThat(table.size()).isEqualTo(1_000_000);
    for (int i = 0; i < 1_000_000; i += 997) {
      assertThat(table.find("item-" + i)).isEqualTo(i);
      assertThat(table.get(i)).isEqualTo("item-" + i);
    }
    assertThat(table.find("item-1000000")).isEqualTo(-1);
  }

  @Test
  void theLongestIdFitsAndALongerOneIsRefused() {
    IdTable table = new IdTable();
    String longest = "x".repeat(IdTable.MAX_BYTES);

    assertThat(table.get(table.add(longest))).isEqualTo(longest);
    assertThatThrownBy(() -> table.add(longest + "x"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at most 32766 bytes");
    assertThat(table.find(longest + "x")).isEqualTo(-1);
  }
}
