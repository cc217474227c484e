package io.attune.model;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.attune.session.Sha256;
import io.attune.vector.Tensor;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A safetensors file of named float32 tensors with string metadata, which numpy, PyTorch and others
 * can read: an eight-byte header length, a JSON header, then the values, little-endian.
 *
 * <p>Source: the safetensors format, version 0.4. Other files may also have float16, bfloat16 and
 * float64, which are read as float32; a tensor of another data type cannot be read.
 *
 * @param tensors by name
 * @param metadata strings by name
 */
public record SafeTensors(Map<String, Tensor> tensors, Map<String, String> metadata) {
  private static final ObjectMapper JSON = new ObjectMapper();
  static final String METADATA = "__metadata__";
  private static final int BLOCK = 1 << 20;

  /**
   * Writes a file atomically: to a temporary file first, then moved into place.
   *
   * @param file the target
   */
  public void write(Path file) throws IOException {
    AtomicFile.replace(file, beside -> {
      try (FileChannel out =
          FileChannel.open(beside, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        write(out);
        out.force(true);
      }
    });
  }

  /** The SHA-256 of the file that {@link #write} would write, in hexadecimal. */
  String sha256() {
    MessageDigest digest = Sha256.digest();
    try (WritableByteChannel out =
        Channels.newChannel(new DigestOutputStream(OutputStream.nullOutputStream(), digest))) {
      write(out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Sha256.hex(digest);
  }

  private void write(WritableByteChannel out) throws IOException {
    ObjectNode header = JSON.createObjectNode();
    ObjectNode strings = header.putObject(METADATA);
    metadata.forEach(strings::put);
    long offset = 0;
    for (Map.Entry<String, Tensor> entry : tensors.entrySet()) {
      ObjectNode node = header.putObject(entry.getKey()).put("dtype", "F32");
      for (long size : entry.getValue().shape()) {
        node.withArray("shape").add(size);
      }
      if (entry.getValue().shape().length == 0) {
        node.putArray("shape");
      }
      long end = offset + 4L * entry.getValue().values().length;
      node.putArray("data_offsets").add(offset).add(end);
      offset = end;
    }
    String text = header.toString();
    // Padded with spaces, so that the values start at a multiple of eight bytes.
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    byte[] padding = " ".repeat((8 - bytes.length % 8) % 8).getBytes(StandardCharsets.US_ASCII);

    ByteBuffer length = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    writeFully(out, length.putLong(0, bytes.length + padding.length));
    writeFully(out, ByteBuffer.wrap(bytes));
    writeFully(out, ByteBuffer.wrap(padding));
    ByteBuffer block = ByteBuffer.allocateDirect(BLOCK).order(ByteOrder.LITTLE_ENDIAN);
    for (Tensor tensor : tensors.values()) {
      float[] values = tensor.values();
      for (int from = 0; from < values.length; from += BLOCK / 4) {
        int count = Math.min(BLOCK / 4, values.length - from);
        block.clear().asFloatBuffer().put(values, from, count);
        writeFully(out, block.limit(4 * count));
      }
    }
  }

  /** Allocates the arrays that tensors are read into. */
  @FunctionalInterface
  public interface Allocator {
    /**
     * Allocates arrays for a tensor, which are filled one after the other.
     *
     * @param shape its dimensions
     * @return arrays whose total length is that of the tensor
     */
    float[][] allocate(String name, long[] shape) throws IOException;
  }

  /**
   * The content of a file except for the values.
   *
   * @param shapes of the tensors, by name
   * @param metadata strings by name
   * @param sha256 the SHA-256 of all bytes as they were read, in hexadecimal
   */
  public record Content(Map<String, long[]> shapes, Map<String, String> metadata, String sha256) {}

  /**
   * Reads a file.
   *
   * @throws ModelException if it is truncated, not in this format, or has other data types
   */
  public static SafeTensors read(Path file) throws IOException {
    Map<String, float[]> values = new LinkedHashMap<>();
    Content content = read(file, (name, shape) -> {
      values.put(name, newArray(file, name, shape));
      return new float[][] {values.get(name)};
    });
    return new SafeTensors(tensors(content, values), content.metadata);
  }

  /**
   * Reads a file once, its values into arrays of the caller.
   *
   * @throws ModelException as {@link #read(Path)}
   */
  public static Content read(Path file, Allocator allocator) throws IOException {
    try (SafeTensorsReader reader = SafeTensorsReader.open(file)) {
      return reader.read(allocator);
    }
  }

  /** Receives the values of a tensor in their order. */
  @FunctionalInterface
  public interface Sink {
    /**
     * Receives the next values.
     *
     * @param values of which the first {@code count} are to be read now
     */
    void accept(float[] values, int count) throws IOException;
  }

  /**
   * Reads one tensor of a file, of any size, in blocks.
   *
   * @throws ModelException as {@link #read(Path)}, and if there is no such tensor
   */
  public static void read(Path file, String tensor, Sink sink) throws IOException {
    try (SafeTensorsReader reader = SafeTensorsReader.open(file)) {
      reader.read(tensor, sink);
    }
  }

  /**
   * Reads the shapes of a file's tensors, of any data type, by name.
   *
   * @throws ModelException as {@link #read(Path)}
   */
  public static Map<String, long[]> shapes(Path file) throws IOException {
    try (SafeTensorsReader reader = SafeTensorsReader.open(file)) {
      return reader.shapes();
    }
  }

  /** Pairs the shapes of a file with the values that were read, in the header's order. */
  static Map<String, Tensor> tensors(Content content, Map<String, float[]> values) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    content.shapes.forEach((name, shape) -> {
      float[] read = values.get(name);
      if (read != null) {
        tensors.put(name, new Tensor(shape, read));
      }
    });
    return tensors;
  }

  /**
   * Reads the metadata of a file without its tensors.
   *
   * @throws ModelException as {@link #read(Path)}
   */
  public static Map<String, String> metadata(Path file) throws IOException {
    try (SafeTensorsReader reader = SafeTensorsReader.open(file)) {
      return reader.metadata();
    }
  }

  /**
   * Allocates an array for a tensor.
   *
   * @throws ModelException if the tensor is too large for one array
   */
  public static float[] newArray(Path file, String name, long[] shape) throws ModelException {
    long count = Tensor.count(shape);
    if (count > Integer.MAX_VALUE - 16) {
      throw new ModelException(
          file, "tensor " + name + " has " + count + " values, too many for one newArray");
    }
    return new float[(int) count];
  }

  private static void writeFully(WritableByteChannel out, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      out.write(bytes);
    }
  }
}
