package io.attune.cli;

import io.attune.log.TimeText;
import io.attune.session.Holdout;
import java.time.Duration;
import java.util.function.Function;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Parses the values of options. */
final class OptionValues {
  private static final Pattern INTEGER = Pattern.compile("[+-]?[0-9]+");
  private static final Pattern NUMBER =
      Pattern.compile("[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)?");

  private OptionValues() {}

  /** Registers converters for the types of option values. */
  static CommandLine register(CommandLine commandLine) {
    return commandLine
        .registerConverter(Holdout.class, converter(Holdout::parse))
        .registerConverter(Duration.class, converter(TimeText::duration))
        .registerConverter(Integer.class, OptionValues::parseInt)
        .registerConverter(int.class, OptionValues::parseInt)
        .registerConverter(long.class, OptionValues::parseLong)
        .registerConverter(Float.class, text -> (float) parseDouble(text, Float.MAX_VALUE))
        .registerConverter(float.class, text -> (float) parseDouble(text, Float.MAX_VALUE))
        .registerConverter(double.class, text -> parseDouble(text, Double.MAX_VALUE));
  }

  /** A converter that reports an IllegalArgumentException as an invalid value of the option. */
  static <T> ITypeConverter<T> converter(Function<String, T> parse) {
    return text -> {
      try {
        return parse.apply(text);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    };
  }

  private static int parseInt(String text) {
    long value = parseLong(text);
    if (value != (int) value) {
      throw new TypeConversionException("'" + text + "' is too large");
    }
    return (int) value;
  }

  private static long parseLong(String text) {
    if (!INTEGER.matcher(text.strip()).matches()) {
      throw new TypeConversionException("it must be a whole number, not '" + text + "'");
    }
    try {
      return Long.parseLong(text.strip());
    } catch (NumberFormatException e) {
      throw new TypeConversionException("'" + text + "' is too large");
    }
  }

  /** Parses a finite number in ASCII digits. */
  private static double parseDouble(String text, double max) {
    if (!NUMBER.matcher(text.strip()).matches()) {
      throw new TypeConversionException("it must be a number such as 0.5, not '" + text + "'");
    }
    double value = Double.parseDouble(text.strip());
    if (Math.abs(value) > max) {
      throw new TypeConversionException("'" + text + "' is too large");
    }
    return value;
  }
}
