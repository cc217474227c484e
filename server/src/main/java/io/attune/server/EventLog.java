package io.attune.server;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.github.benmanes.caffeine.cache.Ticker;
import io.attune.serving.Click;
import io.attune.session.Sessions;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What was shown by interleaved searches and what was clicked, as events of OpenSearch's User
 * Behavior Insights (UBI), one JSON object a line: {@code impression} for each hit, with its team,
 * and {@code click}. It is a click log as well. Thread-safe.
 *
 * <p>An event has a hash in place of the session's id, the item, its position, the time, and what
 * the request calls the device. It has no words of the search and no address.
 *
 * <p>Lines are only ever added; an event that was written survives the end of the process. What
 * cannot be written is lost and reported, since a search is worth more than its event.
 */
final class EventLog implements AutoCloseable {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String BEGINNING = "{\"action_name\":";
  /** ISO 8601, always with milliseconds: all readers of UBI's {@code strict_date_time} take it. */
  private static final DateTimeFormatter TIMES =
      new DateTimeFormatterBuilder().appendInstant(3).toFormatter(Locale.ROOT);

  private static final int BLOCK = 8192;
  private static final int ID_BYTES = 16;
  private static final int MODEL_LENGTH = 12;

  private final Path file;
  private final FileChannel channel;
  private final Clock clock;
  private final Attempts writes;
  private final String opened; // tells this log from others
  private final AtomicLong queries = new AtomicLong();
  private final ReentrantLock lock = new ReentrantLock();

  private EventLog(
      Path file, FileChannel channel, Clock clock, Ticker ticker, Consumer<String> notices) {
    this.file = file;
    this.channel = channel;
    this.clock = clock;
    this.writes = new Attempts(notices);
    this.opened = clock.instant() + " " + ticker.read();
  }

  /**
   * Opens a log to go on with it. If there is none it is created, for its owner alone to read.
   *
   * @param notices is told of an event that was not written whole, and of what cannot be written
   * @throws IOException if it is no log of events, or another process uses it
   */
  static EventLog open(Path file, Clock clock, Ticker ticker, Consumer<String> notices)
      throws IOException {
    if (!Files.exists(file)) {
      Path folder = file.toAbsolutePath().getParent();
      if (folder != null) {
        Files.createDirectories(folder);
      }
      Files.createFile(file);
      PosixFileAttributeView view = Files.getFileAttributeView(file, PosixFileAttributeView.class);
      if (view != null) {
        view.setPermissions(PosixFilePermissions.fromString("rw-------")); // what visitors clicked
      }
    }
    FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
    try {
      lock(file, channel);
      long end = end(file, channel);
      if (end < channel.size()) {
        notices.accept(file + ": left out an incomplete event of " + (channel.size() - end)
            + " bytes at its end");
        channel.truncate(end);
      }
      return new EventLog(file, channel, clock, ticker, notices);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private static void lock(Path file, FileChannel channel) throws IOException {
    try {
      if (channel.tryLock() != null) {
        return;
      }
    } catch (OverlappingFileLockException e) {
      // of this process
    }
    throw new FileSystemException(
        file.toString(), null, "in use by another server; name another file of events");
  }

  /**
   * The end of the last whole line. It is read through the channel that has the lock, since closing
   * another one of the same file would release it.
   */
  private static long end(Path file, FileChannel channel) throws IOException {
    String beginning = read(channel, 0, BEGINNING.length());
    if (!BEGINNING.startsWith(beginning)) {
      throw new FileSystemException(
          file.toString(), null, "is no log of events of this server; name a new file");
    }
    long end = channel.size();
    while (end > 0) {
      int length = (int) Math.min(BLOCK, end);
      int lineFeed = read(channel, end - length, length).lastIndexOf('\n');
      if (lineFeed >= 0) {
        return end - length + lineFeed + 1;
      }
      end -= length;
    }
    return 0;
  }

  /** Some bytes as characters, less at the end of the file. */
  private static String read(FileChannel channel, long from, int length) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(length);
    while (bytes.hasRemaining() && channel.read(bytes, from + bytes.position()) >= 0) {}
    return new String(bytes.array(), 0, bytes.position(), StandardCharsets.ISO_8859_1);
  }

  /** A new id of a search, which no other server makes. */
  String newQueryId(String session, String text) {
    return hash(opened, clock.instant().toString(), "" + queries.incrementAndGet(), session, text);
  }

  /**
   * Logs the hits of an interleaved search.
   *
   * @param session the session's id
   * @param query the id of the search
   * @param model the version that answered
   * @param hits with their teams
   * @param coins the seed that decided the teams
   * @param device what the request calls the device; null if it does not
   */
  void shown(
      String session,
      String query,
      String model,
      List<Answer.Hit> hits,
      RankingPair pair,
      long coins,
      @Nullable String device) {
    Instant time = clock.instant();
    String key = hash(session);
    List<Map<String, Object>> events = hits.stream()
        .map(hit -> {
          Map<String, Object> interleaving = new LinkedHashMap<>();
          interleaving.put("rankings", List.of(pair.a().label(), pair.b().label()));
          interleaving.put("coins", HexFormat.of().toHexDigits(coins));
          if (hit.team() != null) {
            interleaving.put("team", hit.team());
          }
          Map<String, Object> attributes = new LinkedHashMap<>();
          attributes.put("object", Map.of("object_id", hit.id()));
          attributes.put("position", Map.of("ordinal", hit.rank()));
          attributes.put("interleaving", interleaving);
          attributes.put("model", model.substring(0, Math.min(MODEL_LENGTH, model.length())));
          if (device != null) {
            attributes.put("device", device);
          }
          return event("impression", query, key, time, attributes);
        })
        .toList();
    write(events);
  }

  /**
   * Logs a click.
   *
   * @param session the session's id
   * @param queryId the search that showed the item; null if that is not known
   */
  void clicked(String session, Click click, @Nullable String queryId) {
    Instant time =
        click.time() == Sessions.NO_TIME ? clock.instant() : Instant.ofEpochMilli(click.time());
    write(List.of(event(
        "click",
        queryId,
        hash(session),
        time,
        Map.of("object", Map.of("object_id", click.item())))));
  }

  private static Map<String, Object> event(
      String action,
      @Nullable String queryId,
      String session,
      Instant time,
      Map<String, Object> attributes) {
    Map<String, Object> event = new LinkedHashMap<>();
    event.put("action_name", action); // first: by this a log of events is known
    if (queryId != null) {
      event.put("query_id", queryId);
    }
    event.put("session_id", session);
    event.put("timestamp", TIMES.format(time));
    event.put("event_attributes", attributes);
    return event;
  }

  private void write(List<Map<String, Object>> events) {
    writes.run(file.toString(), () -> {
      ByteArrayOutputStream lines = new ByteArrayOutputStream();
      for (Map<String, Object> event : events) {
        lines.writeBytes(JSON.writeValueAsBytes(event));
        lines.write('\n');
      }
      ByteBuffer bytes = ByteBuffer.wrap(lines.toByteArray());
      lock.lock();
      try {
        long before = channel.size(); // also after a rotation that cuts the file
        channel.position(before);
        try {
          while (bytes.hasRemaining()) {
            channel.write(bytes);
          }
        } catch (IOException e) {
          channel.truncate(before); // no half a line before the next one
          throw e;
        }
      } finally {
        lock.unlock();
      }
      return true;
    });
  }

  /** Number of times that events could not be written. */
  long failures() {
    return writes.failures();
  }

  /** The first 128 bits of the SHA-256 of texts, in hexadecimal digits. */
  private static String hash(String... texts) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (String text : texts) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).flip());
        digest.update(bytes);
      }
      return HexFormat.of().formatHex(digest.digest(), 0, ID_BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every Java platform has it
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
