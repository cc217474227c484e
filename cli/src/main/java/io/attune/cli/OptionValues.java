package io.attune.cli;

import io.attune.log.LogFormat;
import io.attune.session.Holdout;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** How the texts of options become values. */
final class OptionValues {
  private static final Pattern DURATION = Pattern.compile("([1-9][0-9]{0,5})([smhd])");

  private OptionValues() {}

  /** Registers the conversions of all types that stand alone. */
  static CommandLine register(CommandLine commandLine) {
    return commandLine
        .registerConverter(Holdout.class, converter(Holdout::parse))
        .registerConverter(LogFormat.class, converter(LogFormat::parse))
        .registerConverter(Duration.class, converter(OptionValues::duration))
        .registerConverter(TimeUnit.class, converter(OptionValues::timeUnit));
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

  private static Duration duration(String text) {
    Matcher matcher = DURATION.matcher(text.strip().toLowerCase(Locale.ROOT));
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "a duration must be a whole number of seconds, minutes, hours or days such as 45s, 30m, 12h or 1d, but is '"
              + text
              + "'");
    }
    long count = Long.parseLong(matcher.group(1));
    return switch (matcher.group(2)) {
      case "s" -> Duration.ofSeconds(count);
      case "m" -> Duration.ofMinutes(count);
      case "h" -> Duration.ofHours(count);
      default -> Duration.ofDays(count);
    };
  }

  private static TimeUnit timeUnit(String text) {
    return switch (text.strip().toLowerCase(Locale.ROOT)) {
      case "s" -> TimeUnit.SECONDS;
      case "ms" -> TimeUnit.MILLISECONDS;
      case "us" -> TimeUnit.MICROSECONDS;
      case "ns" -> TimeUnit.NANOSECONDS;
      default ->
        throw new IllegalArgumentException(
            "a unit of time must be s, ms, us or ns, but is '" + text + "'");
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
