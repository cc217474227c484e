package io.attune.log;

import static io.attune.log.Written.words;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.log.ClickLog.Loaded;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that were joined from parts: a header in the middle is never a click. */
class JoinedPartsTest {
  @TempDir
  Path folder;

  private Loaded load(String text) throws IOException {
    return ClickLog.load(List.of(Written.write(folder, "log", text)), LogOptions.standard());
  }

  @Test
  void aHeaderInTheMiddleIsSkippedAndCounted() throws IOException {
    String untimed = "session_id,item_id\n1,5\nsession_id,item_id\n1,6\n session_id,item_id\n";

    Loaded loaded = load(untimed);

    assertThat(words(loaded.sessions())).containsExactly("1: 5 6");
    assertThat(loaded.report().files().getFirst().repeatedHeaders()).isEqualTo(2);
    assertThat(loaded.report().warnings())
        .singleElement()
        .asString()
        .endsWith(": skipped 2 lines that repeat the header");
    assertThat(words(load(Written.CSV + Written.CSV).sessions()))
        .containsExactly("s1: a a b,c b,c", "s2: a a");
    assertThat(words(load(Written.RECBOLE_LISTS + Written.RECBOLE_LISTS).sessions()))
        .containsExactly("1: 5 6 7 8", "2: 5 6", "1: 5 6 7 8", "2: 5 6");
    assertThat(words(load(Written.DIGINETICA + Written.DIGINETICA).sessions())).hasSize(2);
  }

  @Test
  void aByteOrderMarkBeforeALaterHeaderDoesNotMatter() throws IOException {
    assertThat(words(load("\ufeffsession_id,item_id\n1,5\n\ufeffsession_id,item_id\n1,6\n")
            .sessions()))
        .containsExactly("1: 5 6");
  }

  @Test
  void aByteOrderMarkBeforeALaterIdIsMalformed() {
    assertThatThrownBy(() -> load("\ufeff1 2 3\n2 3 4 5\n\ufeff3 3 4\n"))
        .hasMessageContaining("log:3: ")
        .hasMessageContaining("the session id begins with a byte order mark");
  }

  @Test
  void aHeaderWithAnotherOrderOfColumnsIsMalformed() {
    assertThatThrownBy(() -> load("session_id,item_id\n1,5\nitem_id,session_id\n6,1\n"))
        .isInstanceOf(LogFormatException.class)
        .hasMessageContaining("log:3: expected the columns of the first line")
        .hasMessageContaining("found another header");
  }

  @Test
  void anItemThatIsNamedLikeOneColumnIsAnItem() throws IOException {
    assertThat(words(load("session_id,item_id\n1,item_id\n1,6\n").sessions()))
        .containsExactly("1: item_id 6");
  }

  @Test
  void aBlankLineBeforeTheHeaderDoesNotMatter() throws IOException {
    assertThat(words(load("\n  \nsession_id,item_id\n1,5\n1,6\n").sessions()))
        .containsExactly("1: 5 6");
    assertThat(words(load("\n" + Written.RECBOLE_LISTS).sessions()))
        .containsExactly("1: 5 6 7 8", "2: 5 6");
  }

  @Test
  void aFewLinesWithASingleIdAmongSequencesAreReported() {
    assertThatThrownBy(() -> load("1\tN5 N4 N3\n2\tN3 N6\n3\t\n4\tN5 N4\n"))
        .hasMessageContaining("log:3: expected an id and at least one item");
  }

  @Test
  void newsImpressionsAreRefusedWithTheReason() {
    assertThatThrownBy(() -> load("""
            1\tU1\t11/11/2019 9:05:58 AM\tN5 N4\tN7-1 N8-0
            2\tU2\t11/14/2019 7:01:48 AM\t\tN5-0
            """))
        .hasMessageContaining("unknown format: impressions")
        .hasMessageContaining("cut -f1,4");
  }

  @Test
  void controlCharactersInAnIdAreMalformed() {
    assertThatThrownBy(() -> load("1 2 3\n2 3\n".repeat(60) + "2 3\r4 5\n"))
        .hasMessageContaining("log:121: the item id contains a control character: '3?4'");
    assertThatThrownBy(() -> load("1 2 3\r2 3 4\r"))
        .hasMessageContaining("lines end with a carriage return only");
  }

  @Test
  void jsonThatIsNeitherIsRefusedWithItsKeys() {
    assertThatThrownBy(() -> load("{\"session_id\":\"s\",\"item\":{\"id\":5},\"ts\":1}\n"))
        .hasMessageContaining("JSON objects with the keys session_id, item, id, ts");
    assertThatThrownBy(() -> load("[{\"session\":1}]\n")).hasMessageContaining("a JSON array");
  }
}
