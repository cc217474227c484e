package io.attune.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TimePatternTest {
  private static final String HEADER = "session_id,item_id,time\n";

  @TempDir
  Path folder;

  private static long parse(String pattern, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return TimePattern.of(pattern).parse(bytes, 0, bytes.length);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '@',
      value = {
        "M/d/yyyy H:mm@12/1/2010 8:26@2010-12-01T08:26:00Z",
        "d/M/yyyy H:mm@12/1/2010 8:26@2010-01-12T08:26:00Z",
        "M/d/yyyy h:mm:ss a@11/11/2019 9:05:58 AM@2019-11-11T09:05:58Z",
        "M/d/yyyy h:mm:ss a@11/11/2019 12:05:58 pm@2019-11-11T12:05:58Z",
        "dd.MM.yyyy@29.02.2024@2024-02-29T00:00:00Z",
        "dd.MM.uuuu HH@29.02.2024 17@2024-02-29T17:00:00Z",
        "d MMM yy HH:mm@3 apr 12 18:00@2012-04-03T18:00:00Z",
        "EEE MMM dd HH:mm:ss Z yyyy@Tue Apr 03 18:00:09 +0200 2012@2012-04-03T16:00:09Z",
        "yyyyMMddHHmmss@20140407105109@2014-04-07T10:51:09Z",
        "yyyy-MM-dd HH:mm:ss.SSS VV@2014-04-07 10:51:09.277 Europe/Berlin@2014-04-07T08:51:09.277Z",
      })
  void aTimeIsReadAsThePatternSays(String pattern, String text, Instant expected) {
    assertThat(parse(pattern, text)).isEqualTo(expected.toEpochMilli());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '@',
      value = {
        "M/d/yyyy H:mm@13/1/2010 8:26",
        "M/d/yyyy H:mm@2/30/2010 8:26",
        "M/d/yyyy H:mm@1/2/2010 24:00",
        "M/d/yyyy H:mm@1/2/2010",
        "M/d/yyyy H:mm@1700000000",
        "dd.MM.yyyy@29.02.2023",
      })
  void whatDoesNotFitIsNoTime(String pattern, String text) {
    assertThat(parse(pattern, text)).isEqualTo(TimeParser.NONE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"H:mm", "m/d/yyyy", "M/yyyy", "{", "yyyy-MM-dd'T", ""})
  void aPatternWithoutAWholeDayIsRefused(String pattern) {
    assertThatThrownBy(() -> LogOptions.builder().timeFormat(pattern).build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("a time format must")
        .hasMessageContaining("M/d/yyyy H:mm");
  }

  @Test
  void aPatternAndAUnitExcludeEachOther() {
    assertThatThrownBy(() -> LogOptions.builder()
            .timeFormat("M/d/yyyy")
            .timeUnit(TimeUnit.SECONDS)
            .build())
        .hasMessageContaining("exclude each other");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '@',
      quoteCharacter = '`',
      value = {
        "12/1/2010 8:26@'M/d/yyyy H:mm' or 'd/M/yyyy H:mm'",
        "12/1/2010@'M/d/yyyy' or 'd/M/yyyy'",
        "13-12-10 08:26:01@'M-d-yy H:mm:ss' or 'd-M-yy H:mm:ss'",
        "11/11/2019 9:05:58 AM@'M/d/yyyy h:mm:ss a' or 'd/M/yyyy h:mm:ss a'",
        "1.2.2010@'M.d.yyyy' or 'd.M.yyyy'",
        "20140407@'yyyyMMdd'",
        "201404071051@'yyyyMMddHHmm'",
        "20140407105109@'yyyyMMddHHmmss'",
        "7th of April@for other formats use --time-format",
      })
  void aTimeThatMayMeanTwoThingsIsRefusedWithThePatterns(String time, String hint) {
    Path log = Written.write(folder, "log", HEADER + "1,a," + time + "\n");

    assertThatThrownBy(() -> ClickLog.load(List.of(log), LogOptions.standard()))
        .isInstanceOf(LogFormatException.class)
        .hasMessageContaining("log:2: ")
        .hasMessageContaining("--time-format")
        .hasMessageContaining(hint)
        .hasMessageContaining("'" + time + "'");
  }

  @Test
  void aCalendarDaysDigitsAreSecondsWhenTheUnitSaysSo() throws IOException {
    Path log = Written.write(folder, "log", HEADER + "1,a,20140407\n1,b,20140409\n");
    LogOptions options = LogOptions.builder().timeUnit(TimeUnit.SECONDS).build();

    assertThat(ClickLog.load(List.of(log), options).sessions().time(0)).isEqualTo(20_140_407_000L);
  }

  @Test
  void aLogIsReadByItsPatternAndAWrongLineIsNamed() throws IOException {
    LogOptions options = LogOptions.builder().timeFormat("M/d/yyyy H:mm").build();
    String good = HEADER + "1,a,12/1/2010 8:28\n1,b,12/1/2010 8:26\n";

    assertThat(Written.words(
            ClickLog.load(List.of(Written.write(folder, "log", good)), options).sessions()))
        .containsExactly("1: b a");
    Path bad = Written.write(folder, "bad", good + "1,c,31/1/2010 8:26\n");
    assertThatThrownBy(() -> ClickLog.load(List.of(bad), options))
        .hasMessageContaining("bad:4: expected a time in the format of --time-format")
        .hasMessageContaining("'31/1/2010 8:26'");
  }
}
