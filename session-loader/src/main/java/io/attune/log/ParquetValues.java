package io.attune.log;

import dev.hardwood.metadata.LogicalType;
import dev.hardwood.metadata.LogicalType.TimeUnit;
import dev.hardwood.metadata.PhysicalType;
import dev.hardwood.reader.ColumnReader;
import dev.hardwood.reader.LayerKind;
import dev.hardwood.reader.Validity;
import dev.hardwood.schema.ColumnSchema;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.LocalDate;
import java.util.UUID;

/** The values of a column in the current batch, as ids and as times. */
final class ParquetValues {
  private static final long JULIAN_1970 = 2_440_588;
  private static final long MILLIS_PER_DAY = 86_400_000L;

  private final ColumnReader reader;
  private final ParquetColumn column;
  private final PhysicalType physical;
  private final LogicalType logical;
  private final ValueType type;

  private Validity present = Validity.NO_NULLS;
  private int[] ints = {};
  private long[] longs = {};
  private float[] floats = {};
  private double[] doubles = {};
  private boolean[] booleans = {};
  private byte[] bytes = {};
  private int[] offsets = {};
  private int[] lists = {};

  ParquetValues(ParquetColumn column, ColumnReader reader) {
    ColumnSchema schema = reader.getColumnSchema();
    this.column = column;
    this.reader = reader;
    this.physical = schema.type();
    LogicalType named = schema.logicalType();
    this.logical = named == null ? new LogicalType.NullType() : named;
    this.type = column.type();
  }

  String name() {
    return column.name();
  }

  /** Loads the reader's next batch. */
  void next() {
    switch (physical) {
      case INT32 -> ints = reader.getInts();
      case INT64 -> longs = reader.getLongs();
      case FLOAT -> floats = reader.getFloats();
      case DOUBLE -> doubles = reader.getDoubles();
      case BOOLEAN -> booleans = reader.getBooleans();
      case INT96, BYTE_ARRAY, FIXED_LEN_BYTE_ARRAY -> {
        bytes = reader.getBinaryValues();
        offsets = reader.getBinaryOffsets();
      }
    }
    present = reader.getLeafValidity();
    if (column.isList()) {
      lists = reader.getLayerOffsets(layer());
    }
  }

  private int layer() {
    for (int i = 0; i < reader.getLayerCount(); i++) {
      if (reader.getLayerKind(i) == LayerKind.REPEATED) {
        return i;
      }
    }
    throw new IllegalStateException("the column " + column.name() + " is not a list");
  }

  /** The index at which the list of a row begins; it ends where that of the next row begins. */
  int from(int row) {
    return lists[row];
  }

  /** Sets a field to a value as text; a missing value is empty. */
  void text(int at, Field field) {
    if (present.isNull(at)) {
      field.clear();
      return;
    }
    switch (type) {
      case DECIMAL -> field.set(decimal(at));
      case DATE -> field.set(LocalDate.ofEpochDay(ints[at]).toString());
      case UUID -> field.set(uuid(at));
      default -> plain(at, field);
    }
  }

  private void plain(int at, Field field) {
    switch (physical) {
      case INT32 -> field.set(isUnsigned() ? Integer.toUnsignedLong(ints[at]) : ints[at]);
      case INT64 -> {
        if (longs[at] < 0 && isUnsigned()) {
          field.set(Long.toUnsignedString(longs[at]));
        } else {
          field.set(longs[at]);
        }
      }
      case FLOAT -> field.set(floats[at]);
      case DOUBLE -> field.set(doubles[at]);
      case BOOLEAN -> field.set(Boolean.toString(booleans[at]));
      case INT96, BYTE_ARRAY, FIXED_LEN_BYTE_ARRAY ->
        field.set(bytes, offsets[at], offsets[at + 1]);
    }
  }

  private boolean isUnsigned() {
    return logical instanceof LogicalType.IntType number && !number.isSigned();
  }

  private BigDecimal decimal(int at) {
    int scale = logical instanceof LogicalType.DecimalType number ? number.scale() : 0;
    return switch (physical) {
      case INT32 -> BigDecimal.valueOf(ints[at], scale);
      case INT64 -> BigDecimal.valueOf(longs[at], scale);
      default -> {
        int length = offsets[at + 1] - offsets[at];
        BigInteger digits =
            length == 0 ? BigInteger.ZERO : new BigInteger(bytes, offsets[at], length);
        yield new BigDecimal(digits, scale);
      }
    };
  }

  private String uuid(int at) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes, offsets[at], 16);
    return new UUID(buffer.getLong(), buffer.getLong()).toString();
  }

  /** A value as a time in milliseconds, or {@link TimeParser#NONE}. */
  long time(int at, TimeParser times, Field scratch) {
    if (present.isNull(at)) {
      return TimeParser.NONE;
    }
    return switch (type) {
      case DATE -> ints[at] * MILLIS_PER_DAY;
      case TIMESTAMP -> timestamp(at);
      case INTEGER -> integer(at, times);
      case FLOATING_POINT ->
        times.ofNumber(physical == PhysicalType.FLOAT ? (double) floats[at] : doubles[at]);
      default -> {
        text(at, scratch);
        yield scratch.time(times);
      }
    };
  }

  private long integer(int at, TimeParser times) {
    if (physical == PhysicalType.INT32) {
      return times.ofNumber(isUnsigned() ? Integer.toUnsignedLong(ints[at]) : (long) ints[at]);
    }
    return longs[at] < 0 && isUnsigned() ? TimeParser.NONE : times.ofNumber(longs[at]);
  }

  private long timestamp(int at) {
    if (physical == PhysicalType.INT96) {
      return int96(at);
    }
    TimeUnit unit = logical instanceof LogicalType.TimestampType its ? its.unit() : TimeUnit.MILLIS;
    long value = physical == PhysicalType.INT32 ? ints[at] : longs[at];
    return switch (unit) {
      case MILLIS -> value;
      case MICROS -> Math.floorDiv(value, 1_000L);
      case NANOS -> Math.floorDiv(value, 1_000_000L);
    };
  }

  /** The timestamp of Impala and of old Spark: nanoseconds of the day, then the Julian day. */
  private long int96(int at) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes, offsets[at], 12).order(ByteOrder.LITTLE_ENDIAN);
    long nanos = buffer.getLong();
    return (buffer.getInt() - JULIAN_1970) * MILLIS_PER_DAY + Math.floorDiv(nanos, 1_000_000L);
  }
}
