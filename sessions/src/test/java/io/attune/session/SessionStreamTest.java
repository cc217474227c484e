package io.attune.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.session.SessionStream.KeyedClick;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SessionStreamTest {
  private static final Duration GAP = Duration.ofMillis(100);

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 5_000, 150_000})
  void clicksKeyByKeyMakeTheSessionsOfTheWholeLog(int count) {
    List<KeyedClick> log = log(count, true);
    assertSameSessions(log, GAP);
    assertSameSessions(log, null);
    assertSameSessions(log(count, false), null);
  }

  private static void assertSameSessions(List<KeyedClick> log, @Nullable Duration gap) {
    List<KeyedClick> byKey =
        log.stream().sorted(Comparator.comparing(KeyedClick::key)).toList();
    assertThat(words(SessionStream.ofClicks(byKey.iterator(), gap)).stream().sorted())
        .containsExactlyElementsOf(words(whole(log, gap)).stream().sorted().toList());
  }

  @Test
  void aSessionAcrossBatchesStaysWhole() {
    List<KeyedClick> clicks = new ArrayList<>();
    for (int i = 0; i < 100_000; i++) {
      clicks.add(new KeyedClick("long", "i" + i % 7, (long) i));
    }
    clicks.add(new KeyedClick("short", "a", 0L));
    List<SingleSession> sessions = new ArrayList<>();
    SessionStream.ofClicks(clicks.iterator(), GAP).forEachRemaining(sessions::add);
    assertThat(sessions).extracting(SingleSession::id).containsExactly("long/1", "short/1");
    assertThat(sessions.getFirst().items()).hasSize(100_000);
  }

  @Test
  void batchesHaveTheSessionsOfTheStream() {
    List<SingleSession> sessions = new ArrayList<>();
    List<KeyedClick> log = log(200_000, true);
    SessionStream.ofClicks(
            log.stream().sorted(Comparator.comparing(KeyedClick::key)).iterator(), GAP)
        .forEachRemaining(sessions::add);
    sessions.add(sessions.getFirst()); // Another session with the same id.
    List<String> words = new ArrayList<>();
    int parts = 0;
    Iterator<Sessions> together = SessionStream.batches(sessions.iterator());
    while (together.hasNext()) {
      words.addAll(words(together.next()));
      parts++;
    }
    assertThat(words).isEqualTo(words(sessions.iterator()));
    assertThat(parts).isGreaterThan(1);
    assertThatThrownBy(together::next).isInstanceOf(NoSuchElementException.class);
  }

  @Test
  void whatCannotBeSessionsSaysWhy() {
    List<KeyedClick> untimed = List.of(new KeyedClick("a", "x", null));
    assertThatThrownBy(() -> SessionStream.ofClicks(untimed.iterator(), GAP).next())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("need clicks with times");
    assertThatThrownBy(() -> new SingleSession("s", new String[] {"a", "b"}, new long[] {1}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("session s");
  }

  /** Times are unordered and often equal, so that the order of the log matters. */
  private static List<KeyedClick> log(int count, boolean timed) {
    SplittableRandom random = new SplittableRandom(count);
    List<KeyedClick> log = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      log.add(new KeyedClick(
          "k" + random.nextInt(1 + count / 10),
          "i" + random.nextInt(50),
          timed ? (Long) random.nextLong(1000) : null));
    }
    return log;
  }

  private static Sessions whole(List<KeyedClick> log, @Nullable Duration gap) {
    SessionsBuilder builder = new SessionsBuilder();
    for (KeyedClick click : log) {
      byte[] key = click.key().getBytes(StandardCharsets.UTF_8);
      byte[] item = click.item().getBytes(StandardCharsets.UTF_8);
      if (click.time() == null) {
        builder.click(builder.key(key, 0, key.length), builder.item(item, 0, item.length));
      } else {
        builder.click(
            builder.key(key, 0, key.length), builder.item(item, 0, item.length), click.time());
      }
    }
    return builder.build(log.isEmpty() ? null : gap);
  }

  private static List<String> words(Sessions sessions) {
    List<String> words = new ArrayList<>();
    for (int session = 0; session < sessions.size(); session++) {
      StringBuilder word = new StringBuilder(sessions.id(session));
      for (int click = sessions.start(session); click < sessions.end(session); click++) {
        word.append(' ').append(sessions.vocabulary().id(sessions.item(click)));
        word.append(sessions.hasTimes() ? "@" + sessions.time(click) : "");
      }
      words.add(word.toString());
    }
    return words;
  }

  private static List<String> words(Iterator<SingleSession> sessions) {
    List<String> words = new ArrayList<>();
    sessions.forEachRemaining(session -> {
      StringBuilder word = new StringBuilder(session.id());
      for (int i = 0; i < session.items().length; i++) {
        word.append(' ').append(session.items()[i]);
        word.append(session.times().length > 0 ? "@" + session.times()[i] : "");
      }
      words.add(word.toString());
    });
    return words;
  }
}
