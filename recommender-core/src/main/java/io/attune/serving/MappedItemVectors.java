package io.attune.serving;

import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * An item table mapped from a file, in several maps where it is larger than one may be, or some
 * columns of one.
 */
final class MappedItemVectors extends ItemVectors {
  /** Bytes of the largest map; a row is never cut. */
  static final long LARGEST = 1L << 30;

  private final FloatBuffer[] maps;
  private final int rowsPerMap;
  private final int stride; // from a row to the next
  private final int first; // column

  private MappedItemVectors(
      FloatBuffer[] maps, int rowsPerMap, int rows, int stride, int first, int dimension) {
    super(rows, dimension);
    this.maps = maps;
    this.rowsPerMap = rowsPerMap;
    this.stride = stride;
    this.first = first;
  }

  /** As {@link ItemVectors#map}, in maps of at most {@code largest} bytes. */
  static MappedItemVectors open(Path file, long offset, int rows, int dimension, long largest)
      throws IOException {
    long rowBytes = 4L * dimension;
    int rowsPerMap = (int) Math.min(rows, Math.max(1, largest / rowBytes));
    FloatBuffer[] maps = new FloatBuffer[Math.ceilDiv(rows, rowsPerMap)];
    try (FileChannel in = FileChannel.open(file, StandardOpenOption.READ)) {
      if (offset + rows * rowBytes > in.size()) {
        throw new IOException(file + ": " + rows + " rows of " + dimension + " floats from byte "
            + offset + " end beyond its " + in.size() + " bytes");
      }
      for (int i = 0; i < maps.length; i++) {
        int first = i * rowsPerMap;
        maps[i] = in.map(
                FileChannel.MapMode.READ_ONLY,
                offset + first * rowBytes,
                Math.min(rowsPerMap, rows - first) * rowBytes)
            .order(ByteOrder.LITTLE_ENDIAN)
            .asFloatBuffer();
      }
    }
    return new MappedItemVectors(maps, rowsPerMap, rows, dimension, 0, dimension);
  }

  @Override
  ItemVectors slice(int from, int count) {
    return new MappedItemVectors(maps, rowsPerMap, size() + 1, stride, first + from, count);
  }

  @Override
  void addTo(float[] sum, int row, float factor) {
    FloatBuffer map = maps[row / rowsPerMap];
    int at = at(row);
    for (int i = 0; i < sum.length; i++) {
      sum[i] += factor * map.get(at + i);
    }
  }

  @Override
  float product(float[] query, int row) {
    return Arithmetic.dot(query, maps[row / rowsPerMap], at(row), query.length);
  }

  @Override
  void products(float[] query, int from, int count, float[] scores) {
    int block = Math.max(1, COPIED / query.length);
    float[] copied = new float[Math.min(block, count) * query.length];
    for (int done = 0; done < count; done += block) {
      int part = Math.min(block, count - done);
      read(from + done, part, copied, 0);
      for (int i = 0; i < part; i++) {
        scores[done + i] = Arithmetic.dot(query, 0, copied, i * query.length, query.length);
      }
    }
  }

  @Override
  void read(int from, int count, float[] into, int at) {
    int done = 0;
    while (done < count) {
      int row = from + done;
      int left = Math.min(count - done, rowsPerMap - row % rowsPerMap);
      int part = stride == dimension() ? left : 1;
      maps[row / rowsPerMap].get(at(row), into, at + done * dimension(), part * dimension());
      done += part;
    }
  }

  /** Where in its map a row begins. */
  private int at(int row) {
    return row % rowsPerMap * stride + first;
  }
}
