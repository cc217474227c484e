package io.attune.exchange;

import io.attune.model.Manifest;
import io.attune.model.ModelException;
import io.attune.model.SafeTensors;
import io.attune.session.Sha256;
import io.attune.session.Vocabulary;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleConsumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads item vectors of other programs: safetensors, NumPy's {@code .npy}, and the text form of
 * word2vec. The format is found by looking at the content. There is never more than one copy of the
 * vectors in memory.
 */
public final class VectorReader {
  private static final byte[] ZIP = {'P', 'K', 3, 4};
  private static final int HEAD = 1 << 12;

  private final Path file;
  private final Opener opener;
  private final DoubleConsumer progress;
  private @Nullable Path ids;
  private @Nullable String tensor;

  /** Opens a file as a stream of its content, decompressed. */
  @FunctionalInterface
  public interface Opener {
    InputStream open(Path file) throws IOException;
  }

  /**
   * A reader of one file.
   *
   * @param opener opens this file if it is text, and the file of ids
   * @param progress is told the share that has been read, 0 to 1
   */
  public VectorReader(Path file, Opener opener, DoubleConsumer progress) {
    this.file = file;
    this.opener = opener;
    this.progress = progress;
  }

  /** Names the file with the ids of the vectors, one a line, which arrays need. */
  public VectorReader ids(@Nullable Path lines) {
    ids = lines;
    return this;
  }

  /** Names the tensor to read of several; null for the only one of two dimensions. */
  public VectorReader tensor(@Nullable String name) {
    tensor = name;
    return this;
  }

  /**
   * Reads the vectors.
   *
   * @throws VectorFileException if the file is in no such format, is truncated, or has a number
   *     that is not finite, an id twice, or more or fewer ids than vectors; the message says where
   * @throws ModelException if a safetensors file is malformed
   */
  public ImportedVectors read() throws IOException {
    byte[] raw = head(Files::newInputStream);
    boolean isArray = isArray(raw);
    byte[] head = isArray ? raw : head(opener);
    if (!isArray && isArray(head)) {
      throw new VectorFileException(
          file, "is compressed: decompress it; only text is read compressed");
    }
    if (isArray) {
      return startsWith(head, NpyFile.MAGIC) ? npy() : safeTensors();
    }
    requireText(head);
    return text();
  }

  private byte[] head(Opener from) throws IOException {
    try (InputStream in = from.open(file)) {
      return in.readNBytes(HEAD);
    }
  }

  private static boolean startsWith(byte[] head, byte[] magic) {
    return head.length >= magic.length
        && Arrays.equals(head, 0, magic.length, magic, 0, magic.length);
  }

  private static boolean isArray(byte[] head) {
    return startsWith(head, NpyFile.MAGIC) || isSafeTensors(head);
  }

  /** Whether there is the length of a header, which is a JSON object. */
  private static boolean isSafeTensors(byte[] head) {
    return head.length > 8
        && head[8] == '{'
        && ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN).getLong(0) >>> 40 == 0;
  }

  private void requireText(byte[] head) throws VectorFileException {
    if (startsWith(head, ZIP)) {
      throw new VectorFileException(
          file,
          "is a zip archive, such as an .npz or a PyTorch file; expected safetensors, an .npy file or"
              + " word2vec's text: save the array alone, with numpy.save");
    }
    String start = new String(head, StandardCharsets.ISO_8859_1);
    boolean binary = start.chars().anyMatch(letter -> letter < ' ' && "\t\n\r".indexOf(letter) < 0);
    if (binary) {
      throw new VectorFileException(
          file,
          start.matches("(?s)\\d+ \\d+\n.*")
              ? "looks like the binary form of word2vec; expected its text form: write it with"
                  + " binary=False, or -binary 0"
              : "is not text, nor safetensors, nor an .npy file; pickled files are never read");
    }
  }

  private ImportedVectors text() throws IOException {
    if (ids != null || tensor != null) {
      throw new VectorFileException(
          file,
          "is text with ids of its own, and has no tensors: omit "
              + (ids != null ? "--ids" : "--tensor"));
    }
    Word2vecText.Content content = new Word2vecText(file, opener, progress).read();
    return new ImportedVectors(
        origin("word2vec text"),
        vocabulary(file, content.ids(), content.firstLine()),
        content.table().tensor(),
        content.leftOut());
  }

  private ImportedVectors npy() throws IOException {
    if (tensor != null) {
      throw new VectorFileException(file, "is an .npy file, which is one array: omit --tensor");
    }
    Vocabulary named = namedIds();
    try (NpyFile npy = NpyFile.open(file)) {
      VectorTable table = table(named, npy.rows(), npy.columns());
      npy.read(table, progress);
      return new ImportedVectors(origin("npy"), named, table.tensor(), List.of());
    }
  }

  private ImportedVectors safeTensors() throws IOException {
    Map<String, long[]> shapes = SafeTensors.shapes(file);
    String name = tensor == null ? onlyTable(shapes) : tensor;
    long[] shape = shapes.get(name);
    if (shape == null || shape.length != 2) {
      throw new VectorFileException(
          file,
          (shape == null
                  ? "has no tensor " + name
                  : "the tensor " + name + " has the shape " + Arrays.toString(shape)
                      + "; expected two dimensions, items and elements")
              + "; of two dimensions are: " + tables(shapes));
    }
    Vocabulary named = namedIds();
    VectorTable table = table(named, shape[0], shape[1]);
    SafeTensors.read(file, name, (values, count) -> {
      table.addAll(values, count);
      progress.accept(table.share());
    });
    return new ImportedVectors(
        origin("safetensors, tensor " + name), named, table.tensor(), List.of());
  }

  private String onlyTable(Map<String, long[]> shapes) throws VectorFileException {
    List<String> tables = shapes.entrySet().stream()
        .filter(each -> each.getValue().length == 2)
        .map(Map.Entry::getKey)
        .toList();
    if (tables.size() != 1) {
      throw new VectorFileException(
          file,
          tables.isEmpty()
              ? "has no tensor of two dimensions, items and elements"
              : "has " + tables.size() + " tensors of two dimensions: name one with --tensor: "
                  + tables(shapes));
    }
    return tables.getFirst();
  }

  private static String tables(Map<String, long[]> shapes) {
    return shapes.entrySet().stream()
        .filter(each -> each.getValue().length == 2)
        .limit(20)
        .map(each -> each.getKey() + " " + Arrays.toString(each.getValue()))
        .collect(Collectors.joining(", "));
  }

  private VectorTable table(Vocabulary named, long rows, long columns) throws VectorFileException {
    boolean padded = rows == named.size() + 1L;
    if (!padded && rows != named.size()) {
      throw new VectorFileException(
          file,
          "has " + rows + " vectors, but " + ids + " has " + named.size()
              + " ids; expected an id for each, in the same order");
    }
    return new VectorTable(file, named.size(), columns, padded);
  }

  private Vocabulary namedIds() throws IOException {
    if (ids == null) {
      throw new VectorFileException(
          file,
          "is an array without ids: name a file with the id of each row, one a line, with --ids");
    }
    List<String> read = new ArrayList<>();
    try (InputStream in = opener.open(ids)) {
      TextLines lines = new TextLines(ids, in);
      for (String line = lines.next(); line != null; line = lines.next()) {
        if (line.isBlank() || line.indexOf('\t') >= 0) {
          throw new VectorFileException(
              ids,
              lines.number(),
              "expected one id, found " + (line.isBlank() ? "a blank line" : "several columns"));
        }
        read.add(line);
      }
    }
    return vocabulary(ids, read, 1);
  }

  /**
   * A vocabulary of ids.
   *
   * @param first the line of the first; the others follow
   */
  private static Vocabulary vocabulary(Path from, List<String> read, long first)
      throws VectorFileException {
    try {
      return Vocabulary.of(read);
    } catch (IllegalArgumentException e) {
      Map<String, Long> lines = new HashMap<>();
      for (int i = 0; i < read.size(); i++) {
        Long earlier = lines.putIfAbsent(read.get(i), first + i);
        if (earlier != null) {
          throw new VectorFileException(
              from,
              first + i,
              "duplicate item id: " + read.get(i) + ", which is in line " + earlier + " already");
        }
      }
      throw new VectorFileException(from, String.valueOf(e.getMessage()));
    }
  }

  private Manifest.Imported origin(String format) throws IOException {
    return new Manifest.Imported(String.valueOf(file.getFileName()), format, Sha256.of(file));
  }
}
