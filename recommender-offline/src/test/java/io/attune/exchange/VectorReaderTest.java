package io.attune.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.attune.log.TextFile;
import io.attune.model.MeanConfig;
import io.attune.model.Model;
import io.attune.model.SafeTensors;
import io.attune.model.Similarity;
import io.attune.serving.ServingModel;
import io.attune.session.Sha256;
import io.attune.vector.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class VectorReaderTest {
  private static final float[] TABLE = {0, 0, 0, /* a */ 1, 2, 3, /* b */ 4, -5, 0.5f};

  @TempDir
  private Path folder;

  private Path file;
  private Path ids;

  @BeforeEach
  void writeIds() throws IOException {
    file = folder.resolve("vectors");
    ids = Files.writeString(folder.resolve("ids.txt"), "a\nb\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "2 3\na 1 2 3\nb 4 -5 0.5\n",
        "a 1 2 3\nb 4 -5 .5",
        "2 3\r\na 1 2 3 \r\nb 4 -5 5e-1 \r\n\r\n",
        "a\t1\t2\t3\nb\t+4.0\t-5.0\t0.50\n",
        "3 3\n</s> 9 9 9\na 1 2 3\nb 4 -5 0.5\n"
      })
  void textIsReadWithAndWithoutAHeader(String text) throws IOException {
    Files.writeString(file, text);
    ImportedVectors read = reader().read();
    assertThat(read.vocabulary().ids()).containsExactly("a", "b");
    assertThat(read.table()).isEqualTo(new Tensor(new long[] {3, 3}, TABLE));
    assertThat(read.origin().format()).isEqualTo("word2vec text");
    assertThat(read.origin().sha256()).isEqualTo(Sha256.of(file));
    assertThat(read.leftOut()).hasSize(text.contains("</s>") ? 1 : 0);
  }

  @Test
  void textIsReadCompressedAndAnArrayIsNot() throws IOException {
    gzip("a 1 2 3\nb 4 -5 0.5\n".getBytes(StandardCharsets.UTF_8));
    assertThat(reader().read().table().values()).containsExactly(TABLE);
    gzip(npy(1, "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }", 24));
    assertRefused("is compressed: decompress it; only text is read compressed");
  }

  @ParameterizedTest
  @CsvSource({
    "1, '{''descr'': ''<f4'', ''fortran_order'': False, ''shape'': (2, 3), }'",
    "2, '{\"shape\":(2,3),\"fortran_order\":False,\"descr\":\"<f4\"}'",
    "3, '{''descr'': ''>f4'', ''fortran_order'': False, ''shape'': (2, 3), }   \n'",
    "1, '{''descr'': ''<f8'', ''fortran_order'': True, ''shape'': (2, 3), }'",
    "1, '{''descr'': ''>f8'', ''fortran_order'': False, ''shape'': (3, 3), }'",
    "1, '{''descr'': ''<f2'', ''fortran_order'': True, ''shape'': (3, 3), }'"
  })
  void arraysOfNumpyAreReadInAnyTypeAndOrder(int version, String header) throws IOException {
    boolean padded = header.contains("(3, 3)");
    Files.write(file, npy(version, header, table(header, padded)));
    ImportedVectors read = reader().ids(ids).read();
    assertThat(read.table()).isEqualTo(new Tensor(new long[] {3, 3}, TABLE));
    assertThat(read.vocabulary().row("b")).isEqualTo(2);
    assertThat(read.origin().format()).isEqualTo("npy");
  }

  /** The table's bytes as NumPy writes them. */
  private static byte[] table(String header, boolean padded) {
    int rows = padded ? 3 : 2;
    int bytes = header.contains("f8") ? 8 : header.contains("f4") ? 4 : 2;
    ByteBuffer data = ByteBuffer.allocate(9 * 8)
        .order(header.contains(">f") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < rows * 3; i++) {
      int row = header.contains("True") ? i % rows : i / 3;
      int column = header.contains("True") ? i / rows : i % 3;
      float value = TABLE[(row + (padded ? 0 : 1)) * 3 + column];
      switch (bytes) {
        case 8 -> data.putDouble(value);
        case 4 -> data.putFloat(value);
        default -> data.putShort(Float.floatToFloat16(value));
      }
    }
    return Arrays.copyOf(data.array(), rows * 3 * bytes);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "__import__('os').system('true')| expected a header such as",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), 'x': 'y'}| expected a header such as",
        "{'descr': '<f4', 'fortran_order': False}| expected a header such as",
        "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (2, 3)}| expected a header",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3)} + 1| expected a header such as",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3)| expected a header such as",
        "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2, 3)}| expected a header such as",
        "{'descr': '<i8', 'fortran_order': False, 'shape': (2, 3)}| found numbers of type '<i8'",
        "{'descr': '<U8', 'fortran_order': False, 'shape': (2, 3)}| found numbers of type '<U8'",
        "{'descr': '<f4', 'fortran_order': 'no', 'shape': (2, 3)}| fortran_order to be True or False",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (6,)}| found the shape (6,)",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 1, 3)}| found the shape (2, 1, 3)",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 4)}| truncated: expected 32 bytes",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 3)}| found 24",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (999999999999999999, 999999999999999999)}"
            + "| truncated: expected",
      })
  void aHeaderThatIsNoneOfAnArrayOfFloatsIsRefused(String header, String message)
      throws IOException {
    Files.write(file, npy(1, header, 24));
    assertThatThrownBy(() -> reader().ids(ids).read())
        .isInstanceOf(VectorFileException.class)
        .hasMessageStartingWith(file + ": ")
        .hasMessageContaining(message);
  }

  @Test
  void anArrayCutAnywhereIsRefused() throws IOException {
    byte[] whole = npy(1, "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }", 24);
    for (int length = 6; length < whole.length; length++) {
      Files.write(file, Arrays.copyOf(whole, length));
      assertThatThrownBy(() -> reader().ids(ids).read())
          .as("cut to %d bytes", length)
          .isInstanceOf(VectorFileException.class)
          .hasMessageStartingWith(file + ": ");
    }
    whole[6] = 4;
    Files.write(file, whole);
    assertThatThrownBy(() -> reader().ids(ids).read())
        .hasMessageContaining("is an .npy file of version 4.0; expected 1.0, 2.0 or 3.0");
  }

  @Test
  void ofSafetensorsTheOnlyTableIsReadOrTheOneThatIsNamed() throws IOException {
    Tensor bias = new Tensor(new long[] {2}, new float[2]);
    Tensor table = new Tensor(new long[] {2, 3}, Arrays.copyOfRange(TABLE, 3, 9));
    new SafeTensors(Map.of("bias", bias, "emb", table), Map.of()).write(file);
    assertThat(reader().ids(ids).read().table().values()).containsExactly(TABLE);
    assertThat(reader().ids(ids).tensor("emb").read().origin().format())
        .isEqualTo("safetensors, tensor emb");
    assertThatThrownBy(() -> reader().ids(ids).tensor("bias").read())
        .hasMessageContaining("bias has the shape [2]; expected two dimensions")
        .hasMessageEndingWith("of two dimensions are: emb [2, 3]");
    assertThatThrownBy(() -> reader().ids(ids).tensor("x").read())
        .hasMessageContaining("has no tensor x");

    new SafeTensors(Map.of("emb", table, "padded", new Tensor(new long[] {3, 3}, TABLE)), Map.of())
        .write(file);
    assertThatThrownBy(() -> reader().ids(ids).read())
        .hasMessageContaining("has 2 tensors of two dimensions: name one with --tensor: ");
    assertThat(reader().ids(ids).tensor("padded").read().table().values()).containsExactly(TABLE);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''| 1: expected item vectors, found nothing",
        "session_id,item_id,timestamp| 1: expected an id and numbers separated by blanks",
        "'a 1 2\nb 1'| 2: expected an id and 2 numbers, found only 2 fields: is the file truncated?",
        "'a 1 2\nred shoe 1 2'| 2: expected an id and 2 numbers, found more fields; ids must not contain",
        "'a 1 2\nb 1 x'| 2: field 3: expected a finite number, found 'x'",
        "'a 1 2\nb 1 NaN'| 2: field 3: expected a finite number, found 'NaN'",
        "'a 1 2\nb 1 1e39'| 2: field 3: expected a finite number, found '1e39'",
        "'a 1 2\nb 1 0x1p3'| 2: field 3: expected a finite number, found '0x1p3'",
        "'a 1 2\nb 1 3f'| 2: field 3: expected a finite number, found '3f'",
        "'a 1 2\n\nb 1 3'| 2: expected an id and numbers, found a blank line",
        "'a 1 2\n b 1'| 2: expected an id, found a blank",
        "'3 2\na 1 2\nb 3 4'| 1: the header announces 3 vectors, but 2 lines follow: is the file truncated?",
        "'1 2\na 1 2\nb 3 4'| 1: the header announces 1 vectors, but 2 lines follow",
        "'2 3\na 1 2\nb 3 4'| 2: expected an id and 3 numbers, found only 3 fields",
        "'999999999999 3\na 1 2 3'| 1: the header announces 999999999999 vectors, but 1 lines follow",
        "'1 99999\na 1 2 3'| 2: expected an id and 99999 numbers, found only 4 fields",
        "'a 1 2\nb 3 4\na 5 6'| 3: duplicate item id: a, which is in line 1 already",
        "'3 2\na 1 2\nb 3 4\na 5 6'| 4: duplicate item id: a, which is in line 2 already",
      })
  void whatIsNoTextOfVectorsIsRefusedWithItsLine(String text, String message) throws IOException {
    Files.writeString(file, text);
    assertThatThrownBy(() -> reader().read())
        .isInstanceOf(VectorFileException.class)
        .hasMessageStartingWith(file + ":" + message);
  }

  @Test
  void filesOfOtherKindsAreNamed() throws IOException {
    Files.write(file, new byte[] {'P', 'K', 3, 4, 0, 0});
    assertRefused("is a zip archive, such as an .npz or a PyTorch file");
    Files.write(file, new byte[] {(byte) 0x80, 2, 'c', 0, 1});
    assertRefused("pickled files are never read");
    Files.write(file, "2 3\na \0\0\1\2".getBytes(StandardCharsets.ISO_8859_1));
    assertRefused("looks like the binary form of word2vec");
    Files.write(file, "a 1 2\n\u00fc 3 4".getBytes(StandardCharsets.ISO_8859_1));
    assertThatThrownBy(() -> reader().read()).hasMessageStartingWith(file + ":2: expected UTF-8");
    Files.writeString(file, "a" + " 1".repeat(1025) + "\n");
    assertRefused("has vectors of 1,025 elements; expected at most 1,024");
  }

  @Test
  void idsMustFitTheRows() throws IOException {
    Files.write(file, npy(1, "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }", 24));
    assertRefused("is an array without ids");
    Files.writeString(ids, "a\nb\nc\n");
    assertThatThrownBy(() -> reader().ids(ids).read())
        .hasMessage(file + ": has 2 vectors, but " + ids + " has 3 ids; expected an id for each, in"
            + " the same order");
    Files.writeString(ids, "a\n");
    byte[] ones = npy(1, "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }", 24);
    ones[ones.length - 22] = 1; // in the first row
    Files.write(file, ones);
    assertThatThrownBy(() -> reader().ids(ids).read())
        .hasMessage(file + ": has 2 rows for 1 ids; expected a row for each id, or one more, the"
            + " first, of zeros");
    for (Map.Entry<String, String> bad : Map.of(
            "a\n\n", ":2: expected one id, found a blank line",
            "a\tshoe\nb\that\n", ":1: expected one id, found several columns",
            "b\nb\n", ":2: duplicate item id: b, which is in line 1 already")
        .entrySet()) {
      Files.writeString(ids, bad.getKey());
      assertThatThrownBy(() -> reader().ids(ids).read()).hasMessage(ids + bad.getValue());
    }
  }

  @Test
  void aNumberThatIsNotFiniteIsRefusedWithItsPlace() throws IOException {
    byte[] bytes = npy(1, "{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3), }", 24);
    ByteBuffer.wrap(bytes)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putFloat(bytes.length - 12, Float.NEGATIVE_INFINITY); // the fourth of 2 x 3 by columns
    Files.write(file, bytes);
    assertThatThrownBy(() -> reader().ids(ids).read())
        .hasMessage(file + ": row 1, column 1 (from 0): expected a finite number, found -Infinity");
  }

  @Test
  void aModelComparesByTheMeanOfTheClicks() throws IOException {
    Files.writeString(file, "x 3 4\ny 0 2\nz -1 0\n");
    Model model = reader().read().model(Similarity.cosine(10), 50, "1");
    assertThat(model.manifest().encoder())
        .isEqualTo(
            MeanConfig.builder().dimension(2).similarity(Similarity.cosine(10)).build());
    assertThat(model.manifest().provenance().imported().file()).isEqualTo("vectors");
    Path saved = folder.resolve("model");
    model.save(saved);
    ServingModel served = ServingModel.open(saved);
    // The mean of (.6, .8) and (0, 1) is (.3, .9), whose length is sqrt(.9).
    float[] query = served.vector(List.of("x", "y")).query();
    assertThat(served.items().dot(query, 2)).isCloseTo((float) (9 / Math.sqrt(0.9)), within(1e-5f));
    assertThat(served.items().dot(query, 3))
        .isCloseTo((float) (-3 / Math.sqrt(0.9)), within(1e-5f));
    assertThat(Model.load(saved).manifest().provenance().imported())
        .isEqualTo(model.manifest().provenance().imported());
  }

  @Test
  void aVectorOfZerosHasNoCosine() throws IOException {
    Files.writeString(file, "x 3 4\ny 0 0\n");
    assertThatThrownBy(() -> reader().read().model(Similarity.cosine(10), 50, "1"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("the vector of item 'y' is zero");
    Model model = reader().read().model(Similarity.innerProduct(), 1, "1");
    assertThat(ServingModel.of(model).vector(List.of("y", "x")).query()).containsExactly(3, 4);
  }

  private VectorReader reader() {
    return new VectorReader(file, TextFile::open, share -> {});
  }

  private void assertRefused(String message) {
    assertThatThrownBy(() -> reader().read())
        .isInstanceOf(VectorFileException.class)
        .hasMessageStartingWith(file + ": ")
        .hasMessageContaining(message);
  }

  private void gzip(byte[] content) throws IOException {
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
      out.write(content);
    }
  }

  private static byte[] npy(int version, String header, int zeros) throws IOException {
    return npy(version, header, new byte[zeros]);
  }

  private static byte[] npy(int version, String header, byte[] data) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(NpyFile.MAGIC);
    out.write(version);
    out.write(0);
    byte[] text = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer length = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(text.length);
    out.write(length.array(), 0, version == 1 ? 2 : 4);
    out.write(text);
    out.write(data);
    return out.toByteArray();
  }
}
