package io.attune.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.attune.session.Sha256;
import io.attune.vector.FloatType;
import io.attune.vector.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads a {@link SafeTensors} file in one sequential pass, so that the hash is that of the bytes
 * handed out, even if the file is modified meanwhile.
 */
final class SafeTensorsReader implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int BLOCK = 1 << 18;
  private static final long MAX_HEADER = 100L << 20;
  private static final Map<String, FloatType> TYPES = Map.of(
      "F32", FloatType.FLOAT32,
      "F16", FloatType.FLOAT16,
      "BF16", FloatType.BFLOAT16,
      "F64", FloatType.FLOAT64);

  private final Path file;
  private final FileChannel in;
  private final long size;
  private final MessageDigest digest = Sha256.digest();
  private final ByteBuffer block = ByteBuffer.allocate(BLOCK).order(ByteOrder.LITTLE_ENDIAN);
  private long position;

  /** A tensor of the header, whose values lie between two byte offsets. */
  private record Place(String name, String dataType, long[] shape, long from, long to) {}

  private SafeTensorsReader(Path file, FileChannel in) throws IOException {
    this.file = file;
    this.in = in;
    this.size = in.size();
  }

  static SafeTensorsReader open(Path file) throws IOException {
    return new SafeTensorsReader(file, FileChannel.open(file, StandardOpenOption.READ));
  }

  @Override
  public void close() throws IOException {
    in.close();
  }

  /** Reads the metadata. */
  Map<String, String> metadata() throws IOException {
    Map<String, String> metadata = new LinkedHashMap<>();
    int length = headerLength();
    places(header(length), 8L + length, metadata);
    return metadata;
  }

  private int headerLength() throws IOException {
    read(8);
    long length = block.getLong(0);
    if (length < 2 || length > Math.min(size - 8, MAX_HEADER)) {
      throw new ModelException(
          file, "no safetensors header: its length would be " + length + " of " + size + " bytes");
    }
    return (int) length;
  }

  /** Reads the shapes of all tensors. */
  Map<String, long[]> shapes() throws IOException {
    int length = headerLength();
    Map<String, long[]> shapes = new LinkedHashMap<>();
    places(header(length), 8L + length, new LinkedHashMap<>())
        .forEach((name, place) -> shapes.put(name, place.shape));
    return shapes;
  }

  /** Reads one tensor. */
  void read(String name, SafeTensors.Sink sink) throws IOException {
    int length = headerLength();
    Map<String, Place> places = places(header(length), 8L + length, new LinkedHashMap<>());
    Place place = places.get(name);
    if (place == null) {
      throw new ModelException(file, "has no tensor " + name + ", but " + places.keySet());
    }
    FloatType type = type(place);
    skip(place.from - position);
    int most = BLOCK / type.bytes();
    float[] values = new float[most];
    for (long left = Tensor.count(place.shape); left > 0; left -= most) {
      int count = (int) Math.min(most, left);
      read(type.bytes() * count);
      type.read(block, values, 0, count);
      sink.accept(values, count);
    }
  }

  SafeTensors.Content read(SafeTensors.Allocator allocator) throws IOException {
    int length = headerLength();
    Map<String, String> metadata = new LinkedHashMap<>();
    Map<String, Place> places = places(header(length), 8L + length, metadata);
    // The header may list them in any order.
    List<Place> inOrder = places.values().stream()
        .sorted(Comparator.comparingLong(Place::from).thenComparingLong(Place::to))
        .toList();
    for (Place place : inOrder) {
      if (place.from < position) {
        throw new ModelException(
            file, "tensor " + place.name + " begins inside another, at byte " + place.from);
      }
      skip(place.from - position);
      values(place, allocator.allocate(place.name, place.shape.clone()));
    }
    skipRest();
    Map<String, long[]> shapes = new LinkedHashMap<>();
    places.forEach((name, place) -> shapes.put(name, place.shape));
    return new SafeTensors.Content(shapes, metadata, Sha256.hex(digest));
  }

  private JsonNode header(int length) throws IOException {
    byte[] text = new byte[length];
    for (int at = 0; at < length; at += BLOCK) {
      int part = Math.min(BLOCK, length - at);
      read(part);
      block.get(text, at, part);
    }
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw new ModelException(file, "the safetensors header is not JSON", e);
    }
  }

  private Map<String, Place> places(JsonNode header, long start, Map<String, String> metadata)
      throws IOException {
    Map<String, Place> places = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> entry : header.properties()) {
      if (entry.getKey().equals(SafeTensors.METADATA)) {
        for (Map.Entry<String, JsonNode> string : entry.getValue().properties()) {
          metadata.put(string.getKey(), string.getValue().asText());
        }
      } else {
        places.put(entry.getKey(), place(start, entry.getKey(), entry.getValue()));
      }
    }
    return places;
  }

  private Place place(long start, String name, JsonNode description) throws IOException {
    String dataType = description.path("dtype").asText();
    long[] shape = new long[description.path("shape").size()];
    for (int i = 0; i < shape.length; i++) {
      shape[i] = description.path("shape").get(i).asLong(-1);
    }
    long from = description.path("data_offsets").path(0).asLong(-1);
    long to = description.path("data_offsets").path(1).asLong(-1);
    // What is of another type is only refused when it is read.
    FloatType type = TYPES.get(dataType);
    if (from < 0 || to < from || (type != null && to - from != bytes(shape, type))) {
      throw new ModelException(file, "tensor " + name + " has a size that contradicts its shape");
    }
    if (to > size - start) {
      throw new ModelException(
          file, "truncated: tensor " + name + " ends at byte " + to + " of " + (size - start));
    }
    return new Place(name, dataType, shape, start + from, start + to);
  }

  /** The size of a tensor in bytes, or -1 for an invalid shape. */
  private static long bytes(long[] shape, FloatType type) {
    try {
      return Arrays.stream(shape).anyMatch(each -> each < 0)
          ? -1
          : Math.multiplyExact((long) type.bytes(), Tensor.count(shape));
    } catch (ArithmeticException e) {
      return -1;
    }
  }

  private FloatType type(Place place) throws ModelException {
    FloatType type = TYPES.get(place.dataType);
    if (type == null) {
      throw new ModelException(
          file,
          "tensor " + place.name + " is of type " + place.dataType
              + "; expected F32, F16, BF16 or F64");
    }
    return type;
  }

  private void values(Place place, float[][] into) throws IOException {
    FloatType type = type(place);
    long room = Arrays.stream(into).mapToLong(part -> part.length).sum();
    if (type.bytes() * room != place.to - place.from) {
      throw new IllegalArgumentException(
          "tensor " + place.name + " has " + (place.to - place.from) / type.bytes()
              + " values, but arrays for " + room + " were allocated");
    }
    for (float[] part : into) {
      int most = BLOCK / type.bytes();
      for (int at = 0; at < part.length; at += most) {
        int count = Math.min(most, part.length - at);
        read(type.bytes() * count);
        type.read(block, part, at, count);
      }
    }
  }

  private void skip(long bytes) throws IOException {
    for (long left = bytes; left > 0; left -= BLOCK) {
      read((int) Math.min(BLOCK, left));
    }
  }

  /** Fills the block with the next bytes. */
  private void read(int count) throws IOException {
    block.clear().limit(count);
    while (block.hasRemaining()) {
      if (in.read(block) < 0) {
        throw new ModelException(
            file, "truncated after " + (position + block.position()) + " bytes");
      }
    }
    block.flip();
    position += count;
    digest.update(block.array(), 0, count);
  }

  private void skipRest() throws IOException {
    block.clear();
    for (int read = in.read(block); read >= 0; read = in.read(block.clear())) {
      digest.update(block.array(), 0, read);
    }
  }
}
