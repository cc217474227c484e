package io.attune.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Blocks by hand after the format's description. */
class SnappyTest {
  @Test
  void literalsAndCopiesOfAllThreeKindsAreRead() throws IOException {
    int[] block = {
      23, // the size
      2 << 2,
      'a',
      'b',
      'c', // a literal of 3
      (5 - 4) << 2 | 1,
      3, // 5 bytes from 3 back, which overlap
      (7 - 1) << 2 | 2,
      1,
      0, // 7 bytes from 1 back
      (6 - 1) << 2 | 3,
      15,
      0,
      0,
      0, // 6 bytes from 15 back
      60 << 2,
      1,
      'y',
      'z' // a literal of 2, its length in a byte of its own
    };

    assertThat(new String(Snappy.decompress(bytes(block), 23), StandardCharsets.US_ASCII))
        .isEqualTo("abcabcab" + "bbbbbbb" + "abcabc" + "yz");
  }

  private static byte[] bytes(int[] values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }

  @Test
  void anotherSizeThanExpectedIsRefused() {
    assertThatThrownBy(() -> Snappy.decompress(new byte[] {1, 0, 'a'}, 2))
        .isInstanceOf(IOException.class);
    assertThatThrownBy(() -> Snappy.decompress(new byte[] {2, 0, 'a'}, 2))
        .isInstanceOf(IOException.class);
    assertThatThrownBy(() -> Snappy.decompress(new byte[0], 0)).isInstanceOf(IOException.class);
  }

  @Test
  void anyBytesAreABlockOrAnIoException() {
    SplittableRandom random = new SplittableRandom(1);
    for (int run = 0; run < 20_000; run++) {
      byte[] bytes = new byte[random.nextInt(41)];
      random.nextBytes(bytes);
      int size = random.nextInt(61);
      try {
        assertThat(Snappy.decompress(bytes, size)).hasSize(size);
      } catch (IOException e) {
        assertThat(e).hasMessageContaining("Snappy");
      }
    }
  }
}
