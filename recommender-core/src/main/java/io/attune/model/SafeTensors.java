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
 * Named float32 tensors and a few strings in one file that numpy, PyTorch and others read: eight
 * bytes of header length, a JSON header, then the values, little-endian.
 *
 * <p>Source: the safetensors format, version 0.4. Other number types are refused.
 *
 * @param tensors by name
 * @param metadata strings by name
 */
public record SafeTensors(Map<String, Tensor> tensors, Map<String, String> metadata) {
  private static final ObjectMapper JSON = new ObjectMapper();
  static final String METADATA = "__metadata__";
  private static final int BLOCK = 1 << 20;

  /**
   * Writes a file, beside its name first and moved into place when it is whole.
   *
   * @param file what it will be called
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

  /** The SHA-256 of the file that would be written, in hexadecimal. */
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
    // Padded by spaces, so that the values start at a multiple of eight.
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

  /** Where the values of tensors go that are read. */
  @FunctionalInterface
  public interface Room {
    /**
     * Arrays for a tensor, which are filled one after the other.
     *
     * @param shape its sizes
     * @return arrays that are together as long as the tensor
     */
    float[][] of(String name, long[] shape) throws IOException;
  }

  /**
   * What was read of a file beside the values.
   *
   * @param shapes of its tensors, by name
   * @param metadata strings by name
   * @param sha256 of all bytes, as they were read, in hexadecimal
   */
  public record Content(Map<String, long[]> shapes, Map<String, String> metadata, String sha256) {}

  /**
   * Reads a file.
   *
   * @throws ModelException when it is truncated, not in this format, or holds other number types
   */
  public static SafeTensors read(Path file) throws IOException {
    Map<String, float[]> values = new LinkedHashMap<>();
    Content content = read(file, (name, shape) -> {
      values.put(name, array(file, name, shape));
      return new float[][] {values.get(name)};
    });
    return new SafeTensors(tensors(content, values), content.metadata);
  }

  /**
   * Reads a file once, its values into arrays that the caller has.
   *
   * @throws ModelException as {@link #read(Path)}
   */
  public static Content read(Path file, Room room) throws IOException {
    try (SafeTensorsReader reader = SafeTensorsReader.open(file)) {
      return reader.read(room);
    }
  }

  /** The tensors of a file, in its header's order, by the values that were read of each. */
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
   * Reads the strings of a file, and none of its tensors.
   *
   * @throws ModelException as {@link #read(Path)}
   */
  public static Map<String, String> metadata(Path file) throws IOException {
    try (SafeTensorsReader reader = SafeTensorsReader.open(file)) {
      return reader.metadata();
    }
  }

  /**
   * An array for a tensor of a file.
   *
   * @throws ModelException when it holds more than an array can
   */
  public static float[] array(Path file, String name, long[] shape) throws ModelException {
    long count = Tensor.count(shape);
    if (count > Integer.MAX_VALUE - 16) {
      throw new ModelException(
          file, "tensor " + name + " has " + count + " values, too many for one array");
    }
    return new float[(int) count];
  }

  private static void writeFully(WritableByteChannel out, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      out.write(bytes);
    }
  }
}
