package io.attune.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
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
  private static final String METADATA = "__metadata__";
  private static final int BLOCK = 1 << 20;

  /**
   * Writes a file, beside its name first and moved into place when it is whole.
   *
   * @param file what it will be called
   */
  public void write(Path file) throws IOException {
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

    AtomicFile.replace(file, beside -> {
      try (FileChannel out =
          FileChannel.open(beside, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
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
        out.force(true);
      }
    });
  }

  /**
   * Where a tensor lies in a file.
   *
   * @param shape its sizes
   * @param offset of its first byte
   */
  public record Place(long[] shape, long offset) {}

  /**
   * Reads a file.
   *
   * @throws ModelException when it is truncated, not in this format, or holds other number types
   */
  public static SafeTensors read(Path file) throws IOException {
    try (FileChannel in = FileChannel.open(file, StandardOpenOption.READ)) {
      Header header = header(file, in);
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      for (Map.Entry<String, Place> entry : header.places.entrySet()) {
        tensors.put(entry.getKey(), tensor(file, in, entry.getKey(), entry.getValue()));
      }
      return new SafeTensors(tensors, header.metadata);
    }
  }

  /**
   * Reads where the tensors of a file lie, and none of their values.
   *
   * @return by name
   * @throws ModelException as {@link #read(Path)}
   */
  public static Map<String, Place> places(Path file) throws IOException {
    try (FileChannel in = FileChannel.open(file, StandardOpenOption.READ)) {
      return header(file, in).places;
    }
  }

  /**
   * Reads one tensor.
   *
   * @param place as {@link #places} found it
   */
  public static Tensor read(Path file, String name, Place place) throws IOException {
    try (FileChannel in = FileChannel.open(file, StandardOpenOption.READ)) {
      return tensor(file, in, name, place);
    }
  }

  private record Header(Map<String, Place> places, Map<String, String> metadata) {}

  private static Header header(Path file, FileChannel in) throws IOException {
    long size = in.size();
    ByteBuffer length = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    readFully(in, length, 0, file);
    long headerBytes = length.getLong(0);
    if (headerBytes < 2 || headerBytes > Math.min(size - 8, 100L << 20)) {
      throw new ModelException(
          file, "no safetensors header: its length would be " + headerBytes + " of " + size);
    }
    ByteBuffer text = ByteBuffer.allocate((int) headerBytes);
    readFully(in, text, 8, file);
    JsonNode header;
    try {
      header = JSON.readTree(text.array());
    } catch (JsonProcessingException e) {
      throw new ModelException(file, "the safetensors header is not JSON", e);
    }
    Map<String, String> metadata = new LinkedHashMap<>();
    Map<String, Place> places = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> entry : header.properties()) {
      if (entry.getKey().equals(METADATA)) {
        for (Map.Entry<String, JsonNode> string : entry.getValue().properties()) {
          metadata.put(string.getKey(), string.getValue().asText());
        }
      } else {
        places.put(
            entry.getKey(), place(file, size, 8 + headerBytes, entry.getKey(), entry.getValue()));
      }
    }
    return new Header(places, metadata);
  }

  private static Place place(Path file, long size, long start, String name, JsonNode description)
      throws IOException {
    if (!description.path("dtype").asText().equals("F32")) {
      throw new ModelException(
          file, "tensor " + name + " is of type " + description.path("dtype") + ", not F32");
    }
    long[] shape = new long[description.path("shape").size()];
    for (int i = 0; i < shape.length; i++) {
      shape[i] = description.path("shape").get(i).asLong();
    }
    long from = description.path("data_offsets").path(0).asLong(-1);
    long to = description.path("data_offsets").path(1).asLong(-1);
    if (from < 0 || to - from != 4 * Tensor.count(shape)) {
      throw new ModelException(file, "tensor " + name + " has a size that its shape denies");
    }
    if (start + to > size) {
      throw new ModelException(
          file, "truncated: tensor " + name + " ends at byte " + (start + to) + " of " + size);
    }
    return new Place(shape, start + from);
  }

  private static Tensor tensor(Path file, FileChannel in, String name, Place place)
      throws IOException {
    long count = Tensor.count(place.shape);
    if (count > Integer.MAX_VALUE - 16) {
      throw new ModelException(
          file, "tensor " + name + " has " + count + " values, too many for one array");
    }
    float[] values = new float[(int) count];
    ByteBuffer block = ByteBuffer.allocateDirect(BLOCK).order(ByteOrder.LITTLE_ENDIAN);
    for (int at = 0; at < values.length; at += BLOCK / 4) {
      int part = Math.min(BLOCK / 4, values.length - at);
      readFully(in, block.clear().limit(4 * part), place.offset + 4L * at, file);
      block.flip().asFloatBuffer().get(values, at, part);
    }
    return new Tensor(place.shape, values);
  }

  private static void readFully(FileChannel in, ByteBuffer into, long position, Path file)
      throws IOException {
    while (into.hasRemaining()) {
      int read = in.read(into, position + into.position());
      if (read < 0) {
        throw new ModelException(file, "truncated after " + in.size() + " bytes");
      }
    }
  }

  private static void writeFully(FileChannel out, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      out.write(bytes);
    }
  }
}
