package io.attune.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.vector.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SafeTensorsTest {
  @TempDir
  private Path folder;

  @Test
  void whatIsWrittenIsRead() throws IOException {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    tensors.put("a", new Tensor(new long[] {2, 3}, new float[] {1, 2, 3, 4, 5, 6}));
    tensors.put("scalar", new Tensor(new long[0], new float[] {-0.5f}));
    tensors.put("none", new Tensor(new long[] {0, 4}, new float[0]));
    float[] many = new float[700_000]; // more than two blocks
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < many.length; i++) {
      many[i] = random.nextFloat();
    }
    tensors.put("many", new Tensor(new long[] {700_000}, many));
    SafeTensors written = new SafeTensors(tensors, Map.of("who", "a \"test\" – über"));
    Path file = folder.resolve("t.safetensors");

    written.write(file);

    assertThat(SafeTensors.read(file)).isEqualTo(written);
    assertThat(folder).isDirectoryContaining("glob:**t.safetensors").isNotEmptyDirectory();
    try (var left = Files.list(folder)) {
      assertThat(left).hasSize(1);
    }
  }

  @Test
  void theBytesAreThoseOfTheFormat() throws IOException {
    Path file = folder.resolve("t");
    new SafeTensors(Map.of("x", new Tensor(new long[] {1, 2}, new float[] {1, -2})), Map.of())
        .write(file);
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    int header = (int) bytes.getLong(0);
    assertThat(header % 8).isZero();
    assertThat(new String(bytes.array(), 8, header, StandardCharsets.UTF_8).strip())
        .isEqualTo(
            "{\"__metadata__\":{},\"x\":{\"dtype\":\"F32\",\"shape\":[1,2],\"data_offsets\":[0,8]}}");
    assertThat(bytes.getFloat(8 + header)).isEqualTo(1);
    assertThat(bytes.getFloat(12 + header)).isEqualTo(-2);
  }

  @Test
  void aFileCutAnywhereIsRefusedWithItsName() throws IOException {
    Path file = folder.resolve("cut");
    new SafeTensors(
            Map.of("x", new Tensor(new long[] {3}, new float[] {1, 2, 3})), Map.of("k", "v"))
        .write(file);
    byte[] whole = Files.readAllBytes(file);
    for (int length = 0; length < whole.length; length++) {
      Files.write(file, Arrays.copyOf(whole, length));
      assertThatThrownBy(() -> SafeTensors.read(file))
          .as("cut to %d of %d bytes", length, whole.length)
          .isInstanceOf(ModelException.class)
          .hasMessageContaining(file.toString());
    }
  }

  @Test
  void otherFilesAndOtherNumberTypesAreRefused() throws IOException {
    Path file = folder.resolve("other");
    Files.writeString(file, "PK this is some other file, which is long enough to be one");
    assertThatThrownBy(() -> SafeTensors.read(file))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("no safetensors header");

    String header = "{\"x\":{\"dtype\":\"I8\",\"shape\":[2],\"data_offsets\":[0,2]}}";
    ByteBuffer bytes = ByteBuffer.allocate(8 + header.length() + 2).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(header.length()).put(header.getBytes(StandardCharsets.UTF_8));
    Files.write(file, bytes.array());
    assertThatThrownBy(() -> SafeTensors.read(file))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("F32");
  }

  @Test
  void otherFloatsAreReadAndOtherTypesOnlyRefusedWhenTheyAreRead() throws IOException {
    Path file = folder.resolve("floats");
    String header = "{\"h\":{\"dtype\":\"F16\",\"shape\":[2],\"data_offsets\":[0,4]},"
        + "\"b\":{\"dtype\":\"BF16\",\"shape\":[1,2],\"data_offsets\":[4,8]},"
        + "\"d\":{\"dtype\":\"F64\",\"shape\":[1],\"data_offsets\":[8,16]},"
        + "\"n\":{\"dtype\":\"I64\",\"shape\":[1],\"data_offsets\":[16,24]}}";
    ByteBuffer bytes = ByteBuffer.allocate(8 + header.length() + 24).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(header.length()).put(header.getBytes(StandardCharsets.UTF_8));
    // -1.5 and 65504, the largest; 1 and -2 by their upper halves; a third.
    bytes.putShort((short) 0xbe00).putShort((short) 0x7bff);
    bytes.putShort((short) 0x3f80).putShort((short) 0xc000);
    bytes.putDouble(1 / 3.0).putLong(7);
    Files.write(file, bytes.array());

    assertThat(SafeTensors.shapes(file).keySet()).containsExactly("h", "b", "d", "n");
    assertThat(values(file, "h")).containsExactly(-1.5f, 65504);
    assertThat(values(file, "b")).containsExactly(1, -2);
    assertThat(values(file, "d")).containsExactly(1 / 3f);
    assertThatThrownBy(() -> values(file, "n"))
        .isInstanceOf(ModelException.class)
        .hasMessage(file + ": tensor n is of type I64; expected F32, F16, BF16 or F64");
    assertThatThrownBy(() -> values(file, "x"))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("has no tensor x, but [h, b, d, n]");
  }

  private static float[] values(Path file, String tensor) throws IOException {
    float[] all =
        new float[(int) Tensor.count(SafeTensors.shapes(file).getOrDefault(tensor, new long[0]))];
    int[] filled = {0};
    SafeTensors.read(file, tensor, (values, count) -> {
      System.arraycopy(values, 0, all, filled[0], count);
      filled[0] += count;
    });
    return all;
  }

  @Test
  void tensorsLieInAnyOrderWithGapsButNotInEachOther() throws IOException {
    Path file = folder.resolve("order");
    String late = "{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,16]}";
    String early = "{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}";
    write(file, "{\"late\":" + late + ",\"early\":" + early + "}", 1, 9, 2, 3);
    assertThat(SafeTensors.read(file).tensors())
        .containsExactly(
            Map.entry("late", new Tensor(new long[] {2}, new float[] {2, 3})),
            Map.entry("early", new Tensor(new long[] {1}, new float[] {1})));

    String within = "{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[4,12]}";
    write(file, "{\"late\":" + late + ",\"x\":" + within + "}", 1, 2, 3, 4);
    assertThatThrownBy(() -> SafeTensors.read(file))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("tensor late begins inside another");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"shape\":[-5],\"data_offsets\":[20,0]",
        "\"shape\":[4611686018427387904,4],\"data_offsets\":[0,0]",
        "\"shape\":[4611686018427387904],\"data_offsets\":[0,0]",
        "\"shape\":[\"a\"],\"data_offsets\":[0,0]",
        "\"shape\":[2]"
      })
  void aSizeThatCannotBeIsRefused(String rest) throws IOException {
    Path file = folder.resolve("sizes");
    write(file, "{\"x\":{\"dtype\":\"F32\"," + rest + "}}", 1, 2, 3, 4, 5);
    assertThatThrownBy(() -> SafeTensors.read(file))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("tensor x has a size that contradicts its shape");
  }

  private static void write(Path file, String header, float... values) throws IOException {
    ByteBuffer bytes =
        ByteBuffer.allocate(8 + header.length() + 4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(header.length()).put(header.getBytes(StandardCharsets.UTF_8));
    for (float value : values) {
      bytes.putFloat(value);
    }
    Files.write(file, bytes.array());
  }

  @Test
  void aTensorWhoseShapeDeniesItsValuesCannotBeMade() {
    assertThatThrownBy(() -> new Tensor(new long[] {2, 2}, new float[3]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("[2, 2]");
  }
}
