package io.attune.exchange;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A message of protocol buffers that is written, never read. Arrays of floats are not copied before
 * they are written.
 *
 * <p>Source: Protocol Buffers Documentation, "Encoding".
 */
final class ProtoMessage {
  private static final int VARINT = 0;
  private static final int LENGTH = 2;
  private static final int FIXED_32 = 5;
  private static final int BLOCK = 1 << 16; // floats

  private final List<Object> parts = new ArrayList<>(); // byte[] and float[]
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private long size; // of the parts

  /** The size of the message in bytes. */
  long size() {
    return size + bytes.size();
  }

  /** Adds a whole number or an enum. */
  ProtoMessage integer(int field, long value) {
    tag(field, VARINT);
    varint(value);
    return this;
  }

  /** Adds a float. */
  ProtoMessage number(int field, float value) {
    tag(field, FIXED_32);
    bytes.writeBytes(littleEndian(4).putFloat(value).array());
    return this;
  }

  /** Adds a string. */
  ProtoMessage text(int field, String value) {
    return raw(field, value.getBytes(StandardCharsets.UTF_8));
  }

  /** Adds bytes. */
  ProtoMessage raw(int field, byte[] value) {
    tag(field, LENGTH);
    varint(value.length);
    bytes.writeBytes(value);
    return this;
  }

  /** Adds floats as bytes. */
  ProtoMessage raw(int field, float[] values) {
    tag(field, LENGTH);
    varint(4L * values.length);
    flush();
    parts.add(values);
    size += 4L * values.length;
    return this;
  }

  /** Adds a message, which must be complete. */
  ProtoMessage message(int field, ProtoMessage value) {
    tag(field, LENGTH);
    varint(value.size());
    flush();
    value.flush();
    parts.addAll(value.parts);
    size += value.size;
    return this;
  }

  /** Adds the fields of another message, which must be complete. */
  ProtoMessage append(ProtoMessage other) {
    flush();
    other.flush();
    parts.addAll(other.parts);
    size += other.size;
    return this;
  }

  private void tag(int field, int type) {
    varint((long) field << 3 | type);
  }

  private void varint(long value) {
    long left = value;
    while ((left & ~0x7fL) != 0) {
      bytes.write((int) ((left & 0x7f) | 0x80));
      left >>>= 7;
    }
    bytes.write((int) left);
  }

  private void flush() {
    if (bytes.size() > 0) {
      parts.add(bytes.toByteArray());
      size += bytes.size();
      bytes.reset();
    }
  }

  private static ByteBuffer littleEndian(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Writes the message. */
  void write(OutputStream out) throws IOException {
    flush();
    byte[] block = new byte[4 * BLOCK];
    FloatBuffer numbers = ByteBuffer.wrap(block).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
    for (Object part : parts) {
      if (part instanceof float[] values) {
        for (int from = 0; from < values.length; from += BLOCK) {
          int count = Math.min(BLOCK, values.length - from);
          numbers.put(0, values, from, count);
          out.write(block, 0, 4 * count);
        }
      } else {
        out.write((byte[]) part);
      }
    }
  }
}
