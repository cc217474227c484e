package io.attune.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.attune.log.LogOptions.BadLines;
import io.attune.log.LogOptions.SessionsBy;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class LogSettingTest {
  private static LogOptions options(Map<LogSetting, String> texts) {
    Map<LogSetting, List<String>> values = new EnumMap<>(LogSetting.class);
    texts.forEach((setting, text) -> values.put(setting, List.of(text)));
    return LogSetting.parse(values).build();
  }

  @Test
  void eachSettingIsParsedFromText() {
    assertThat(options(Map.of(
            LogSetting.FORMAT, "Csv",
            LogSetting.SESSION_COLUMN, "s",
            LogSetting.USER_COLUMN, "u",
            LogSetting.ITEM_COLUMN, "i",
            LogSetting.TIME_COLUMN, "t",
            LogSetting.ACTION_COLUMN, "a",
            LogSetting.TIME_UNIT, "ms",
            LogSetting.SESSIONS_BY, "INACTIVITY",
            LogSetting.SESSION_GAP, "5m",
            LogSetting.BAD_LINES, "skip")))
        .isEqualTo(LogOptions.builder()
            .format(LogFormat.CSV)
            .sessionColumn("s")
            .userColumn("u")
            .itemColumn("i")
            .timeColumn("t")
            .actionColumn("a")
            .timeUnit(TimeUnit.MILLISECONDS)
            .sessionsBy(SessionsBy.INACTIVITY)
            .inactivity(Duration.ofMinutes(5))
            .badLines(BadLines.SKIP)
            .build());
    assertThat(options(Map.of(LogSetting.TIME_FORMAT, "d.M.yyyy")).timeFormat())
        .isEqualTo("d.M.yyyy");
  }

  @Test
  void onlyActionsAreAList() {
    LogOptions options =
        LogSetting.parse(Map.of(LogSetting.ACTIONS, List.of("view", " buy "))).build();
    assertThat(options.actions()).containsExactlyInAnyOrder("view", "buy");
    assertThat(LogSetting.values())
        .filteredOn(LogSetting::isList)
        .containsExactly(LogSetting.ACTIONS);
  }

  @ParameterizedTest
  @EnumSource(LogSetting.class)
  void aDefaultIsThatOfTheOptionsAndHelpIsASentence(LogSetting setting) {
    assertThat(setting.option()).startsWith("--");
    assertThat(setting.label()).isNotEmpty();
    assertThat(setting.description()).endsWith(".");
    String text = setting.defaultText();
    if (text != null) {
      assertThat(options(Map.of(setting, text))).isEqualTo(LogOptions.standard());
    }
  }

  @ParameterizedTest
  @CsvSource({"tab, '\t'", "comma, ','", "semicolon, ;", "pipe, |", "space, ' '", "~, ~"})
  void aDelimiterHasANameOrIsACharacter(String text, char expected) {
    assertThat(options(Map.of(LogSetting.DELIMITER, text)).delimiter()).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "FORMAT, xml, 'a log format must be one of parquet, otto'",
    "TIME_UNIT, min, 'must be s, ms, us or ns'",
    "DELIMITER, ab, 'a delimiter must be tab, comma'",
    "SESSIONS_BY, day, 'must be one of auto, session, inactivity, user'",
    "SESSION_GAP, half, 'such as 45s, 30m'",
    "BAD_LINES, ignore, 'must be one of fail, skip'"
  })
  void anInvalidValueIsRefusedWithWhatIsExpected(LogSetting setting, String text, String message) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> setting.checked(text))
        .withMessageContaining(message)
        .withMessageContaining("but is '" + text + "'");
  }
}
