package io.attune.log;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads logs of JSON lines: OTTO sessions and OpenSearch UBI events. */
final class JsonLog {
  private static final Set<String> OTTO_ACTIONS = Set.of("clicks");
  private static final Set<String> UBI_ACTIONS = Set.of("click", "view", "watch");
  static final Set<String> BULK = Set.of("index", "create", "update", "delete");

  private final boolean otto;

  /** Null if the key is decided at the end of the log. */
  private final @Nullable SessionKey sessionKey;

  private final @Nullable SessionOrClient undecided;
  private final ClickSink sink;
  private final JsonFactory json = new JsonFactory();
  private final Field key = new Field();
  private final Field user = new Field();
  private final Field userId = new Field();
  private final Field item = new Field();
  private final Field time = new Field();
  private final Field action = new Field();

  /** Whether the object is the action line of a bulk request rather than an event. */
  private boolean bulk;

  /** The events of an OTTO line, which are taken only if the whole line is valid. */
  private Field[] items = new Field[0];

  private long[] times = new long[16];
  private int count;

  JsonLog(LogFormat format, SessionKey sessionKey, ClickSink sink) {
    this(format, sessionKey, null, sink);
  }

  /** A reader of UBI events whose key is decided at the end of the log. */
  JsonLog(SessionOrClient undecided, ClickSink sink) {
    this(LogFormat.UBI, null, undecided, sink);
  }

  private JsonLog(
      LogFormat format,
      @Nullable SessionKey sessionKey,
      @Nullable SessionOrClient undecided,
      ClickSink sink) {
    this.otto = format == LogFormat.OTTO;
    this.sessionKey = sessionKey;
    this.undecided = undecided;
    this.sink = sink;
    sink.countActions(otto ? OTTO_ACTIONS : UBI_ACTIONS);
  }

  void read(InputStream in) throws LogFormatException {
    LineReader lines = new LineReader(in);
    try {
      while (lines.next()) {
        sink.line();
        if (lines.tooLong()) {
          sink.lineTooLong(lines.number());
        } else {
          line(lines);
        }
      }
    } catch (IOException e) {
      throw LogFile.explain(sink.path(), lines.number(), e);
    }
  }

  private void line(LineReader lines) throws LogFormatException {
    String problem;
    try (JsonParser parser =
        json.createParser(lines.buffer(), lines.from(), lines.to() - lines.from())) {
      JsonToken start = parser.nextToken();
      if (start == null) {
        return;
      }
      problem = start != JsonToken.START_OBJECT
          ? "expected a JSON object"
          : otto ? session(parser) : event(parser);
      if (problem.isEmpty() && parser.nextToken() != null) {
        problem = "expected one JSON object per line, found more";
      }
    } catch (LogFormatException e) {
      throw e;
    } catch (IOException e) {
      problem = "invalid JSON: " + reason(e);
    }
    if (!problem.isEmpty()) {
      sink.malformed(lines.number(), problem);
    } else if (otto) {
      takeSession(lines.number());
    } else {
      takeEvent(lines.number());
    }
  }

  /** Jackson's message without its description of the source. */
  private static String reason(IOException e) {
    String message =
        e instanceof JsonProcessingException json ? json.getOriginalMessage() : e.getMessage();
    return String.valueOf(message)
        .replaceAll("\\[Source:[^\\]]*column: (\\d+)\\]", "column $1")
        .replaceAll("\\p{Cntrl}", " ");
  }

  /** Reads an OTTO object; returns what is wrong with it, or an empty string. */
  private String session(JsonParser parser) throws IOException {
    count = 0;
    key.clear();
    boolean events = false;
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      JsonToken value = parser.nextToken();
      if (name.equals("session")) {
        text(parser, value, key);
      } else if (name.equals("events")) {
        events = true;
        if (value != JsonToken.START_ARRAY) {
          return "expected an array of events";
        }
        while (parser.nextToken() == JsonToken.START_OBJECT) {
          String problem = ottoEvent(parser);
          if (!problem.isEmpty()) {
            return problem;
          }
        }
        if (parser.currentToken() != JsonToken.END_ARRAY) {
          return "expected the events to be JSON objects";
        }
      } else {
        parser.skipChildren();
      }
    }
    return events && !key.isEmpty() ? "" : "expected the fields session and events";
  }

  private String ottoEvent(JsonParser parser) throws IOException {
    item.clear();
    time.clear();
    action.clear();
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      JsonToken value = parser.nextToken();
      switch (name) {
        case "aid" -> text(parser, value, item);
        case "ts" -> text(parser, value, time);
        case "type" -> text(parser, value, action);
        default -> parser.skipChildren();
      }
    }
    long millis = time.time(sink.times());
    if (item.isEmpty() || millis == TimeParser.NONE) {
      return "expected aid and ts in each event, found " + item.shown() + " and " + time.shown()
          + (time.isEmpty() ? "" : "; ts must be " + sink.times().expected(time.toString()));
    }
    String problem = item.idProblem();
    if (problem != null) {
      return "the item id " + problem;
    }
    if (!sink.takes(action)) {
      return "";
    }
    remember(millis);
    return "";
  }

  private void remember(long millis) {
    if (count == items.length) {
      int size = Math.max(16, count * 2);
      Field[] wider = Arrays.copyOf(items, size);
      for (int i = count; i < size; i++) {
        wider[i] = new Field();
      }
      items = wider;
      times = Arrays.copyOf(times, size);
    }
    items[count].set(item.bytes, 0, item.length);
    times[count++] = millis;
  }

  private void takeSession(long line) throws LogFormatException {
    if (!sink.isId(line, key, "session")) {
      return;
    }
    for (int i = 0; i < count; i++) {
      sink.click(line, sink.key(key), sink.item(items[i]), times[i]);
    }
  }

  /** Reads a UBI event; returns what is wrong with it, or an empty string. */
  private String event(JsonParser parser) throws IOException {
    key.clear();
    user.clear();
    userId.clear();
    item.clear();
    time.clear();
    action.clear();
    bulk = false;
    fields(parser, Part.EVENT);
    return parser.currentToken() == JsonToken.END_OBJECT ? "" : "expected a complete JSON object";
  }

  /** The parts of an event that are read. */
  private enum Part {
    EVENT,
    ATTRIBUTES,
    OBJECT
  }

  private void fields(JsonParser parser, Part part) throws IOException {
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      JsonToken value = parser.nextToken();
      boolean object = value == JsonToken.START_OBJECT;
      if (part == Part.EVENT && object && BULK.contains(name)) {
        bulk = true;
        parser.skipChildren();
      } else if (part == Part.EVENT && object && name.equals("_source")) {
        fields(parser, Part.EVENT);
      } else if (part == Part.EVENT && object && name.equals("event_attributes")) {
        fields(parser, Part.ATTRIBUTES);
      } else if (part != Part.OBJECT && object && name.equals("object")) {
        fields(parser, Part.OBJECT);
      } else {
        field(parser, part, name, value);
      }
    }
  }

  /** Fields of the event itself take precedence over those of its attributes. */
  private void field(JsonParser parser, Part part, String name, JsonToken value)
      throws IOException {
    Field field = part == Part.OBJECT && !name.equals("object_id")
        ? null
        : switch (name) {
          case "action_name" -> action;
          case "session_id" -> key;
          case "client_id" -> user;
          case "user_id" -> userId;
          case "timestamp" -> time;
          case "object_id" -> item;
          default -> null;
        };
    if (field == null || (part == Part.ATTRIBUTES && !field.isEmpty())) {
      parser.skipChildren();
    } else {
      text(parser, value, field);
    }
  }

  private void takeEvent(long line) throws LogFormatException {
    if (bulk && action.isEmpty()) {
      return;
    }
    if (action.isEmpty()) {
      sink.malformed(line, "expected an action_name");
      return;
    }
    if (!sink.takes(action)) {
      return;
    }
    if (item.isEmpty()) {
      sink.otherAction(action + " without an object_id");
      return;
    }
    if (user.isEmpty() && !userId.isEmpty()) {
      user.set(userId.bytes, 0, userId.length);
    }
    if (undecided != null) {
      sink.click(line, undecided, key, user, item, time);
    } else if (sessionKey != null) {
      sink.click(line, sessionKey.session() ? key : user, sessionKey.name(), item, time);
    }
  }

  /**
   * Sets a field to a string or a number, without a fraction of zero; to nothing for other values.
   */
  private static void text(JsonParser parser, JsonToken token, Field field) throws IOException {
    switch (token) {
      case VALUE_STRING, VALUE_NUMBER_INT -> field.set(parser.getText());
      case VALUE_NUMBER_FLOAT -> {
        String number = parser.getText();
        field.set(number.endsWith(".0") ? number.substring(0, number.length() - 2) : number);
      }
      default -> {
        field.clear();
        parser.skipChildren();
      }
    }
  }
}
