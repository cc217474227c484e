package io.attune.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.lucene.ItemIndex;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ItemsFileTest {
  @TempDir
  private Path folder;

  private Path file(byte[] bytes) throws IOException {
    return Files.write(folder.resolve("items.csv"), bytes);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"id,title\n1,café\n", "\ufeffid;title\r\n1;café\r\n", "\n id|title\n1|café\n"})
  void itemsAreReadWithOrWithoutAByteOrderMark(String text) throws Exception {
    ItemIndex.Item item = new ItemIndex.Item("1", Map.of("title", "café"));

    assertThat(ItemsFile.read(file(utf8(text)))).containsExactly(item);
    ByteArrayOutputStream gzip = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(gzip)) {
      out.write(utf8(text));
    }
    assertThat(ItemsFile.read(file(gzip.toByteArray()))).containsExactly(item);
  }

  @Test
  void malformedUtf8IsRejectedWithItsLine() throws IOException {
    Path file = file("id,title\n1,a\n2,caf\u00e9\n".getBytes(StandardCharsets.ISO_8859_1));

    assertThatThrownBy(() -> ItemsFile.read(file))
        .hasMessage(
            file + ":3: expected UTF-8: convert the file, for example with iconv -f WINDOWS-1252"
                + " -t UTF-8");
  }

  @Test
  void aMissingIdColumnAndAShortLineAreRejected() throws IOException {
    assertThatThrownBy(() -> ItemsFile.read(file(utf8("nr,title\n1,a\n"))))
        .hasMessageContaining(":1: no id column")
        .hasMessageContaining("found nr, title");
    assertThatThrownBy(() -> ItemsFile.read(file(utf8("id,title\n1\n"))))
        .hasMessageContaining(":2: expected 2 columns as in the header, found 1");
  }

  @Test
  void anIdThatIsEmptyOrOccursTwiceIsRejectedWithItsLine() throws IOException {
    assertThatThrownBy(() -> ItemsFile.read(file(utf8("id,title\n1,a\n,b\n"))))
        .hasMessageContaining(":3: expected an item id in the column id, found none");
    assertThatThrownBy(() -> ItemsFile.read(file(utf8("id,title\n1,a\n2,b\n1 ,c\n"))))
        .hasMessageContaining(":4: duplicate item id: 1, which is in line 2 already");
  }
}
