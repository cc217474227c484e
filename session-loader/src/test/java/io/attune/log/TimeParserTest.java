package io.attune.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TimeParserTest {
  @Test
  void oneTimeIsReadAsInALog() {
    assertThat(TimeParser.milliseconds("1700000000")).isEqualTo(1_700_000_000_000L);
    assertThat(TimeParser.milliseconds(" 2023-11-14T22:13:20Z ")).isEqualTo(1_700_000_000_000L);
    assertThatThrownBy(() -> TimeParser.milliseconds("yesterday"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("expected a time as a number or in ISO 8601, not 'yesterday'");
    assertThatThrownBy(() -> TimeParser.milliseconds("")).hasMessageContaining("expected a time");
  }

  private static final TimeParser BY_SIZE = new TimeParser(null);

  private static long parse(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return BY_SIZE.parse(bytes, 0, bytes.length);
  }

  @ParameterizedTest
  @CsvSource({
    "1396860669.277, 1396860669277",
    "1396860669, 1396860669000",
    "1396860669277, 1396860669277",
    "1396860669277123, 1396860669277",
    "1396860669277123456, 1396860669277",
    "1.396860669277E9, 1396860669277",
    "1396860669.27749, 1396860669277",
    "1396437466.94, 1396437466940",
    "0, 0",
    "-1, -1000",
    "-1.5, -1500",
    "00012, 12000",
    "1396860669277.9, 1396860669277",
    "99999999999, 99999999999000",
    "100000000000, 100000000000",
  })
  void aNumbersUnitFollowsFromItsSize(String text, long millis) {
    assertThat(parse(text)).isEqualTo(millis);
  }

  @ParameterizedTest
  @CsvSource({
    "2014-04-07T10:51:09.277Z, 2014-04-07T10:51:09.277Z",
    "2014-04-07T10:51:09Z, 2014-04-07T10:51:09Z",
    "2014-04-07 10:51:09, 2014-04-07T10:51:09Z",
    "2014-04-07 10:51, 2014-04-07T10:51:00Z",
    "2014-04-07, 2014-04-07T00:00:00Z",
    "2014/04/07, 2014-04-07T00:00:00Z",
    "2014-04-07T10:51:09.277123+02:00, 2014-04-07T08:51:09.277Z",
    "2014-04-07T10:51:09-0530, 2014-04-07T16:21:09Z",
    "2014-04-07T10:51:09+02, 2014-04-07T08:51:09Z",
    "2014-04-07 10:51:09 UTC, 2014-04-07T10:51:09Z",
    "2014-04-07 10:51:09.5 +01:00, 2014-04-07T09:51:09.5Z",
    "2000-02-29, 2000-02-29T00:00:00Z",
    "1969-12-31T23:59:59Z, 1969-12-31T23:59:59Z",
  })
  void isoTimesAreReadWithAndWithoutAZone(String text, Instant expected) {
    assertThat(parse(text)).isEqualTo(expected.toEpochMilli());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "-",
        ".",
        "abc",
        "1e",
        "1.2.3",
        "12:30",
        "2014-13-01",
        "2014-02-29",
        "2014-04-31",
        "2014-04-07T",
        "2014-04-07T1",
        "2014-04-07T25:00",
        "2014-04-07T10:61",
        "2014-04-07T10:51:",
        "2014-04-07T10:51:09.",
        "2014-04-07T10:51:09+",
        "2014-04-07T10:51:09+2",
        "2014-04-07T10:51:09Zx",
        "2014-04-07x",
        "NaN",
        "Infinity",
        "1e400",
        "0x10",
        "1d",
        "2014-04-07 ",
        "12/1/2010 8:26"
      })
  void anythingElseIsNotATime(String text) {
    assertThat(parse(text)).isEqualTo(TimeParser.NONE);
  }

  @Test
  void theUnitCanBeGiven() {
    byte[] bytes = "86400000".getBytes(StandardCharsets.UTF_8);

    assertThat(new TimeParser(TimeUnit.MILLISECONDS).parse(bytes, 0, bytes.length))
        .isEqualTo(86_400_000L);
    assertThat(new TimeParser(TimeUnit.SECONDS).parse(bytes, 0, bytes.length))
        .isEqualTo(86_400_000_000L);
    assertThat(new TimeParser(TimeUnit.DAYS).ofNumber(Long.MAX_VALUE)).isEqualTo(TimeParser.NONE);
  }

  @Test
  void everyInstantIsReadAsJavaTimeWritesIt() {
    SplittableRandom random = new SplittableRandom(1);
    for (int run = 0; run < 2_000; run++) {
      readsAsWritten(
          random.nextLong(-62_135_596_800_000L, 253_402_300_800_000L), random.nextInt(-1080, 1081));
    }
    readsAsWritten(-62_135_596_800_000L, 1080);
    readsAsWritten(253_402_300_799_999L, -1080);
    readsAsWritten(0, 0);
  }

  private static void readsAsWritten(long millis, int offsetMinutes) {
    Instant instant = Instant.ofEpochMilli(millis);
    ZoneOffset offset = ZoneOffset.ofTotalSeconds(offsetMinutes * 60);
    OffsetDateTime local = instant.atOffset(offset);

    assertThat(parse(instant.toString())).isEqualTo(millis);
    if (local.getYear() >= 0 && local.getYear() <= 9999) {
      assertThat(parse(local.toString())).isEqualTo(millis);
    }
  }
}
