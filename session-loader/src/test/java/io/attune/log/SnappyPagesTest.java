package io.attune.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SnappyPagesTest {
  /** The offset of the first page's Snappy block, which begins with its uncompressed size. */
  private static final int BLOCK = 18;

  @TempDir
  private Path folder;

  @Test
  void aBlockThatClaimsMoreBytesThanItsPageHasIsRefusedBeforeItIsDecompressed() {
    byte[] bytes = Written.resource("ids/int64.parquet");
    assertThat(bytes[BLOCK]).isEqualTo((byte) 48);
    bytes[BLOCK] = 127;
    Path file = Written.write(folder, "claims.parquet", bytes);

    assertThatThrownBy(() -> ClickLog.load(List.of(file), LogOptions.standard()))
        .isInstanceOf(LogFormatException.class)
        .hasMessageContaining(
            "in the column 'session_id': a page has 127 bytes, but its header says 48");
  }
}
