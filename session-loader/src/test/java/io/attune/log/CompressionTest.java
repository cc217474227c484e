package io.attune.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.ZipException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CompressionTest {
  private static final byte[] FIRST = Written.bytes("session_id,item_id\n1,5\n1,6\n");
  private static final byte[] SECOND = Written.bytes("2,5\n2,7\n");

  @TempDir
  Path folder;

  private int clicks(byte[]... parts) throws IOException {
    return ClickLog.load(
            List.of(Written.write(folder, "log", joined(parts))), LogOptions.standard())
        .sessions()
        .clicks();
  }

  private static byte[] joined(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    Arrays.stream(parts).forEach(all::writeBytes);
    return all.toByteArray();
  }

  /** Returns one byte at a time and reports none as available, like a slow pipe. */
  private static InputStream pipe(byte[] bytes) {
    return new ByteArrayInputStream(bytes) {
      @Override
      public synchronized int available() {
        return 0;
      }

      @Override
      public synchronized int read(byte[] target, int from, int count) {
        return super.read(target, from, Math.min(1, count));
      }
    };
  }

  @Test
  void membersOfGzipThatComeThroughAPipeAreAllRead() throws IOException {
    byte[] random = new byte[100_000];
    new Random(1).nextBytes(random);
    byte[] all = joined(
        Written.gzip(FIRST), Written.gzip(random), Written.gzip(new byte[0]), Written.gzip(SECOND));

    try (InputStream in = new GzipInputStream(pipe(all))) {
      assertThat(in.readAllBytes()).isEqualTo(joined(FIRST, random, SECOND));
      assertThat(in.read()).isEqualTo(-1);
    }
  }

  @Test
  void optionalFieldsOfAHeaderAreSkipped() throws IOException {
    byte[] plain = Written.gzip(FIRST);
    byte[] named = plain.clone();
    named[3] = 4 | 8 | 16 | 2;
    byte[] more = {2, 0, 9, 9, 'a', '.', 'c', 0, 'n', 'o', 0, 1, 2};
    byte[] whole =
        joined(Arrays.copyOf(named, 10), more, Arrays.copyOfRange(plain, 10, plain.length));

    try (InputStream in = new GzipInputStream(pipe(whole))) {
      assertThat(in.readAllBytes()).isEqualTo(FIRST);
    }
  }

  @Test
  void joinedMembersAreOneLogWithPaddingOrWithout() throws IOException {
    byte[] nothing = new byte[512];
    assertThat(clicks(Written.gzip(FIRST), Written.gzip(SECOND))).isEqualTo(4);
    assertThat(clicks(Written.gzip(FIRST), Written.gzip(SECOND), nothing)).isEqualTo(4);
    assertThat(clicks(Written.zstd(FIRST), Written.zstd(SECOND))).isEqualTo(4);
  }

  @Test
  void dataAfterAMemberIsNeverIgnored() {
    byte[] gzip = Written.gzip(FIRST);
    byte[] next = Written.gzip(SECOND);

    assertThatThrownBy(() -> clicks(gzip, SECOND))
        .hasMessageContaining("there is data other than gzip after 1 member");
    assertThatThrownBy(() -> clicks(gzip, new byte[100], next))
        .hasMessageContaining("there is data other than gzip after 1 member");
    assertThatThrownBy(() -> clicks(Written.zstd(FIRST), SECOND))
        .isInstanceOf(LogFormatException.class);
    for (int length = 1; length < next.length; length++) {
      byte[] cut = Arrays.copyOf(next, length);
      assertThatThrownBy(() -> clicks(gzip, cut)).hasMessageContaining("truncated");
    }
  }

  @Test
  void aWrongChecksumOrLengthIsAnError() {
    for (int back : new int[] {1, 5}) {
      byte[] gzip = Written.gzip(FIRST);
      gzip[gzip.length - back] ^= 1;
      assertThatThrownBy(() -> new GzipInputStream(pipe(gzip)).readAllBytes())
          .isInstanceOf(ZipException.class)
          .hasMessage("wrong checksum or length");
    }
  }

  /** A frame with magic number, no flags, a window of 2^31 bytes, and one raw block. */
  @Test
  void aWindowOfTwoGigabytesIsRead() throws IOException {
    int block = (FIRST.length << 3) | 1;
    byte[] head = {
      0x28,
      (byte) 0xb5,
      0x2f,
      (byte) 0xfd,
      0,
      (byte) ((31 - 10) << 3),
      (byte) block,
      (byte) (block >> 8),
      (byte) (block >> 16)
    };

    assertThat(clicks(joined(head, FIRST))).isEqualTo(2);
  }

  @Test
  void aTextFileIsReadLikeALogAndItsFirstBrokenLineIsNamed() throws IOException {
    Path text = Written.write(folder, "text", Written.gzip(Written.bytes("\ufeffid,t\n1,é\n")));
    Path broken = Written.write(folder, "broken", new byte[] {'a', '\n', 'b', '\n', (byte) 0xe9});

    assertThat(TextFile.read(text)).isEqualTo("id,t\n1,é\n");
    assertThatThrownBy(() -> TextFile.read(broken))
        .hasMessageContaining("broken:3: expected UTF-8");
    assertThatThrownBy(() -> TextFile.read(folder.resolve("none")))
        .hasMessageContaining("no such file");
  }
}
