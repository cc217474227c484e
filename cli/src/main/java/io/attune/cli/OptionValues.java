package io.attune.cli;

import io.attune.log.LogFormat;
import io.attune.log.TimeText;
import io.attune.session.Holdout;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** How the texts of options become values. */
final class OptionValues {
  private OptionValues() {}

  /** Registers the conversions of all types that stand alone. */
  static CommandLine register(CommandLine commandLine) {
    return commandLine
        .registerConverter(Holdout.class, converter(Holdout::parse))
        .registerConverter(LogFormat.class, converter(LogFormat::parse))
        .registerConverter(Duration.class, converter(TimeText::duration))
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
