package io.attune.log;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.ColumnReader;
import org.apache.parquet.format.ConvertedType;
import org.apache.parquet.format.FieldRepetitionType;
import org.apache.parquet.format.LogicalType;
import org.apache.parquet.format.SchemaElement;
import org.apache.parquet.format.TimeUnit;
import org.apache.parquet.format.Type;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type.Repetition;

/**
 * A column of Parquet with one value, or none, a row.
 *
 * @param name its path, joined with dots
 * @param index its place among all columns of a row group
 * @param descriptor how its values are stored
 * @param kind what its values mean
 */
record ParquetColumn(String name, int index, ColumnDescriptor descriptor, Kind kind) {
  private static final long JULIAN_1970 = 2_440_588;

  /** What values mean, as far as it matters for ids and times. */
  enum Kind {
    PLAIN,
    DATE,
    MILLIS,
    MICROS,
    NANOS,
    UUID
  }

  /**
   * The columns without lists or maps, in the order of the schema, which is a tree written depth
   * first.
   */
  static List<ParquetColumn> of(List<SchemaElement> schema) {
    return new Walk(schema).columns();
  }

  private static final class Walk {
    private final List<SchemaElement> schema;
    private final List<ParquetColumn> columns = new ArrayList<>();
    private int at;
    private int leaves;

    Walk(List<SchemaElement> schema) {
      this.schema = schema;
    }

    List<ParquetColumn> columns() {
      int children = schema.getFirst().getNum_children();
      at = 1;
      for (int i = 0; i < children; i++) {
        visit("", 0, false, 0);
      }
      return columns;
    }

    private void visit(String prefix, int definition, boolean repeated, int depth) {
      if (at >= schema.size() || depth > 100) {
        throw new IllegalArgumentException("the schema is damaged");
      }
      SchemaElement element = schema.get(at++);
      boolean optional = element.getRepetition_type() != FieldRepetitionType.REQUIRED;
      boolean many = repeated || element.getRepetition_type() == FieldRepetitionType.REPEATED;
      int level = definition + (optional ? 1 : 0);
      if (element.isSetType() && element.getNum_children() == 0) {
        if (!many) {
          columns.add(leaf(prefix + element.getName(), element, level));
        }
        leaves++;
        return;
      }
      for (int i = 0; i < element.getNum_children(); i++) {
        visit(prefix + element.getName() + ".", level, many, depth + 1);
      }
    }

    private ParquetColumn leaf(String name, SchemaElement element, int level) {
      Repetition repetition = level > 0 ? Repetition.OPTIONAL : Repetition.REQUIRED;
      PrimitiveTypeName physical = element.getType() == Type.BYTE_ARRAY
          ? PrimitiveTypeName.BINARY
          : PrimitiveTypeName.valueOf(element.getType().name());
      PrimitiveType type =
          new PrimitiveType(repetition, physical, element.getType_length(), element.getName());
      return new ParquetColumn(
          name, leaves, new ColumnDescriptor(new String[] {name}, type, 0, level), kind(element));
    }
  }

  private static Kind kind(SchemaElement element) {
    if (element.isSetLogicalType()) {
      LogicalType logical = element.getLogicalType();
      if (logical.isSetTIMESTAMP()) {
        TimeUnit unit = logical.getTIMESTAMP().getUnit();
        return unit.isSetMILLIS() ? Kind.MILLIS : unit.isSetMICROS() ? Kind.MICROS : Kind.NANOS;
      }
      return logical.isSetDATE() ? Kind.DATE : logical.isSetUUID() ? Kind.UUID : Kind.PLAIN;
    }
    ConvertedType converted = element.getConverted_type();
    return converted == ConvertedType.TIMESTAMP_MILLIS
        ? Kind.MILLIS
        : converted == ConvertedType.TIMESTAMP_MICROS
            ? Kind.MICROS
            : converted == ConvertedType.DATE ? Kind.DATE : Kind.PLAIN;
  }

  private boolean isNull(ColumnReader reader) {
    return reader.getCurrentDefinitionLevel() < descriptor.getMaxDefinitionLevel();
  }

  /** Puts the reader's value into the field, as text; a missing one is empty. */
  void text(ColumnReader reader, Field field) {
    if (isNull(reader)) {
      field.clear();
      return;
    }
    switch (descriptor.getPrimitiveType().getPrimitiveTypeName()) {
      case INT32 -> field.set(Integer.toString(reader.getInteger()));
      case INT64 -> field.set(Long.toString(reader.getLong()));
      case BOOLEAN -> field.set(Boolean.toString(reader.getBoolean()));
      case FLOAT -> field.set(reader.getFloat());
      case DOUBLE -> field.set(reader.getDouble());
      default -> {
        Binary value = reader.getBinary();
        if (value.length() > Field.MAX_BYTES) {
          // Not looked at: a damaged file says lengths that it does not have.
          field.setTooLong(value.length());
          return;
        }
        byte[] bytes = value.getBytes();
        if (kind == Kind.UUID && bytes.length == 16) {
          ByteBuffer buffer = ByteBuffer.wrap(bytes);
          bytes = new UUID(buffer.getLong(), buffer.getLong())
              .toString()
              .getBytes(StandardCharsets.US_ASCII);
        }
        field.set(bytes, 0, bytes.length);
      }
    }
  }

  /** The reader's value in milliseconds, or {@link Times#NONE}. */
  long time(ColumnReader reader, Times times, Field scratch) {
    if (isNull(reader)) {
      return Times.NONE;
    }
    return switch (descriptor.getPrimitiveType().getPrimitiveTypeName()) {
      case INT32 -> whole(reader.getInteger(), times);
      case INT64 -> whole(reader.getLong(), times);
      case FLOAT -> times.ofNumber((double) reader.getFloat());
      case DOUBLE -> times.ofNumber(reader.getDouble());
      case INT96 -> int96(reader.getBinary().getBytes());
      case BOOLEAN -> Times.NONE;
      default -> {
        text(reader, scratch);
        yield scratch.time(times);
      }
    };
  }

  private long whole(long value, Times times) {
    return switch (kind) {
      case DATE -> value * 86_400_000L;
      case MILLIS -> value;
      case MICROS -> Math.floorDiv(value, 1_000L);
      case NANOS -> Math.floorDiv(value, 1_000_000L);
      default -> times.ofNumber(value);
    };
  }

  /** Impala's and old Spark's timestamp: nanoseconds of the day, then the Julian day. */
  private static long int96(byte[] bytes) {
    if (bytes.length != 12) {
      return Times.NONE;
    }
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    long nanos = buffer.getLong();
    return (buffer.getInt() - JULIAN_1970) * 86_400_000L + Math.floorDiv(nanos, 1_000_000L);
  }
}
