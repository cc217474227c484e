package io.attune.exchange;

import io.attune.vector.Tensor;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;

/**
 * A graph of ONNX operators that is built node after node. Values are named; a node's value is
 * named by its operator and a number.
 *
 * <p>Source: ONNX 1.12, its {@code onnx.proto} and operators of version {@value #OPERATORS}.
 */
final class OnnxGraph {
  /** The version of the operators. */
  static final int OPERATORS = 17;

  private static final int FORMAT = 8; // of ONNX 1.12

  /** What a message of protocol buffers can hold. */
  private static final long MAX_BYTES = Integer.MAX_VALUE;

  /** The types of values. */
  enum Type {
    FLOAT(1),
    INT64(7),
    DOUBLE(11);

    private final int number;

    Type(int number) {
      this.number = number;
    }
  }

  private final ProtoMessage graph = new ProtoMessage();
  private final Map<String, String> constants = new HashMap<>();
  private int nodes;

  /** Attributes of a node. */
  static final class Attributes {
    private static final int NUMBER = 1;
    private static final int INTEGER = 2;
    private static final int TEXT = 3;
    private static final int INTEGERS = 7;

    private final ProtoMessage node = new ProtoMessage();

    /** An attribute that is a whole number; negative ones are written in ten bytes. */
    Attributes with(String name, long value) {
      return add(new ProtoMessage().text(1, name).integer(3, value).integer(20, INTEGER));
    }

    /** An attribute that is a number. */
    Attributes with(String name, float value) {
      return add(new ProtoMessage().text(1, name).number(2, value).integer(20, NUMBER));
    }

    /** An attribute that is a string. */
    Attributes with(String name, String value) {
      return add(new ProtoMessage().text(1, name).text(4, value).integer(20, TEXT));
    }

    /** An attribute that is a list of whole numbers. */
    Attributes with(String name, long[] values) {
      ProtoMessage attribute = new ProtoMessage().text(1, name);
      for (long value : values) {
        attribute.integer(8, value);
      }
      return add(attribute.integer(20, INTEGERS));
    }

    private Attributes add(ProtoMessage attribute) {
      node.message(5, attribute);
      return this;
    }
  }

  /** Adds a node without attributes and returns its value. */
  String node(String operator, String... inputs) {
    return node(operator, new Attributes(), inputs);
  }

  /** Adds a node and returns its first value. */
  String node(String operator, Attributes attributes, String... inputs) {
    return nodes(operator, attributes, 1, inputs)[0];
  }

  /** Adds a node with several values and returns them. */
  String[] nodes(String operator, Attributes attributes, int outputs, String... inputs) {
    String[] names = new String[outputs];
    ProtoMessage node = new ProtoMessage();
    for (String input : inputs) {
      node.text(1, input);
    }
    for (int i = 0; i < outputs; i++) {
      names[i] = operator + "_" + nodes + (i == 0 ? "" : "_" + i);
      node.text(2, names[i]);
    }
    node.text(3, operator + "_" + nodes).text(4, operator);
    // Fields of a message may come in any order, and in several parts.
    graph.message(1, node.append(attributes.node));
    nodes++;
    return names;
  }

  /** Adds a constant of floats. */
  String weight(String name, Tensor tensor) {
    if (constants.putIfAbsent(name, name) == null) {
      ProtoMessage message = new ProtoMessage();
      for (long dimension : tensor.shape()) {
        message.integer(1, dimension);
      }
      message.integer(2, Type.FLOAT.number).text(8, name).raw(9, tensor.values());
      graph.message(5, message);
    }
    return name;
  }

  /** Adds a constant that is a number. */
  String number(double value) {
    return weight("number_" + value, new Tensor(new long[0], new float[] {(float) value}));
  }

  /** Adds a constant that is a list of whole numbers. */
  String integers(long... values) {
    StringBuilder name = new StringBuilder("integers");
    ByteBuffer raw = ByteBuffer.allocate(8 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (long value : values) {
      name.append('_').append(value);
      raw.putLong(value);
    }
    return constant(name.toString(), Type.INT64, raw.array(), values.length);
  }

  /** Adds a constant that is a whole number. */
  String integer(long value) {
    ByteBuffer raw = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(value);
    return constant("integer_" + value, Type.INT64, raw.array());
  }

  /** Adds a constant that is a list of doubles. */
  String doubles(String name, double... values) {
    ByteBuffer raw = ByteBuffer.allocate(8 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (double value : values) {
      raw.putDouble(value);
    }
    return constant(name, Type.DOUBLE, raw.array(), values.length);
  }

  private String constant(String name, Type type, byte[] raw, long... shape) {
    if (constants.putIfAbsent(name, name) == null) {
      ProtoMessage message = new ProtoMessage();
      for (long dimension : shape) {
        message.integer(1, dimension);
      }
      graph.message(5, message.integer(2, type.number).text(8, name).raw(9, raw));
    }
    return name;
  }

  /** Converts a value to another type. */
  String cast(String value, Type type) {
    return node("Cast", new Attributes().with("to", type.number), value);
  }

  /** Names an input, a vector whose length varies. */
  String input(String name, Type type, String length) {
    graph.message(11, described(name, type, new ProtoMessage().text(2, length)));
    return name;
  }

  /** Gives a value the name of an output, a vector of floats. */
  void output(String name, String value, long length) {
    graph.message(
        1,
        new ProtoMessage()
            .text(1, value)
            .text(2, name)
            .text(3, "output_" + name)
            .text(4, "Identity"));
    graph.message(12, described(name, Type.FLOAT, new ProtoMessage().integer(1, length)));
  }

  private static ProtoMessage described(String name, Type type, ProtoMessage dimension) {
    ProtoMessage shape = new ProtoMessage().message(1, dimension);
    ProtoMessage tensor = new ProtoMessage().integer(1, type.number).message(2, shape);
    return new ProtoMessage().text(1, name).message(2, new ProtoMessage().message(1, tensor));
  }

  /**
   * Completes the graph as a model.
   *
   * @param metadata strings by name
   * @return a model to be written
   * @throws IllegalArgumentException if it is larger than a file of ONNX can be
   */
  Written model(String version, Map<String, String> metadata) {
    graph.text(2, "attune");
    ProtoMessage model = new ProtoMessage()
        .integer(1, FORMAT)
        .text(2, "attune")
        .text(3, version)
        .message(7, graph)
        .message(8, new ProtoMessage().text(1, "").integer(2, OPERATORS));
    metadata.forEach(
        (name, value) -> model.message(14, new ProtoMessage().text(1, name).text(2, value)));
    if (model.size() > MAX_BYTES) {
      throw new IllegalArgumentException("the model would take " + model.size()
          + " bytes, but a file of ONNX holds at most " + MAX_BYTES);
    }
    return model::write;
  }

  /** What can be written to a stream. */
  @FunctionalInterface
  interface Written {
    void write(OutputStream out) throws IOException;
  }
}
