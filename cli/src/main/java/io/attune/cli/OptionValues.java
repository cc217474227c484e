package io.attune.cli;

import io.attune.log.LogFormat;
import io.attune.log.TimeText;
import io.attune.session.Holdout;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** How the texts of options become values. */
final class OptionValues {
  private static final Pattern WHOLE = Pattern.compile("[+-]?[0-9]+");
  private static final Pattern NUMBER =
      Pattern.compile("[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)?");

  private OptionValues() {}

  /** Registers the conversions of all types that stand alone. */
  static CommandLine register(CommandLine commandLine) {
    return commandLine
        .registerConverter(Holdout.class, converter(Holdout::parse))
        .registerConverter(LogFormat.class, converter(LogFormat::parse))
        .registerConverter(Duration.class, converter(TimeText::duration))
        .registerConverter(Integer.class, OptionValues::whole)
        .registerConverter(int.class, OptionValues::whole)
        .registerConverter(long.class, OptionValues::wide)
        .registerConverter(Float.class, text -> (float) number(text, Float.MAX_VALUE))
        .registerConverter(float.class, text -> (float) number(text, Float.MAX_VALUE))
        .registerConverter(double.class, text -> number(text, Double.MAX_VALUE))
        .registerConverter(TimeUnit.class, converter(TimeText::unit));
  }

  /** Turns what a library refuses into a complaint about the option. */
  private static <T> ITypeConverter<T> converter(Function<String, T> parse) {
    return text -> {
      try {
        return parse.apply(text);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    };
  }

  private static int whole(String text) {
    long value = wide(text);
    if (value != (int) value) {
      throw new TypeConversionException("'" + text + "' is larger than this option can be");
    }
    return (int) value;
  }

  private static long wide(String text) {
    if (!WHOLE.matcher(text.strip()).matches()) {
      throw new TypeConversionException("it must be a whole number, not '" + text + "'");
    }
    try {
      return Long.parseLong(text.strip());
    } catch (NumberFormatException e) {
      throw new TypeConversionException("'" + text + "' is larger than this option can be");
    }
  }

  /** A number as people write it: neither NaN nor infinite, and in no other script. */
  private static double number(String text, double most) {
    if (!NUMBER.matcher(text.strip()).matches()) {
      throw new TypeConversionException("it must be a number such as 0.5, not '" + text + "'");
    }
    double value = Double.parseDouble(text.strip());
    if (Math.abs(value) > most) {
      throw new TypeConversionException("'" + text + "' is larger than this option can be");
    }
    return value;
  }

  /** A delimiter by name, or one character as it stands. */
  static final class Delimiter implements ITypeConverter<Character> {
    @Override
    public Character convert(String text) {
      return switch (text) {
        case "tab", "\\t", "\t" -> '\t';
        case "comma" -> ',';
        case "semicolon" -> ';';
        case "bar", "pipe" -> '|';
        case "blank", "space" -> ' ';
        default -> {
          if (text.length() != 1 || text.equals("\"") || text.charAt(0) < ' ') {
            throw new TypeConversionException(
                "a delimiter must be tab, comma, semicolon, bar, blank or one character, but is '"
                    + text
                    + "'");
          }
          yield text.charAt(0);
        }
      };
    }
  }
}
