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

/** Reads clicks from lines of JSON: OTTO's sessions and OpenSearch UBI events. */
final class JsonLog {
  private static final Set<String> OTTO_ACTIONS = Set.of("clicks");
  private static final Set<String> UBI_ACTIONS = Set.of("click", "view", "watch");
  private static final Set<String> BULK = Set.of("index", "create", "update", "delete");

  private final boolean otto;
  /** What makes a session; null where the whole log tells it. */
  private final @Nullable Keys keys;

  private final @Nullable SessionOrClient open;
  private final ClickSink sink;
  private final JsonFactory json = new JsonFactory();
  private final Field key = new Field();
  private final Field user = new Field();
  private final Field userId = new Field();
  private final Field item = new Field();
  private final Field time = new Field();
  private final Field action = new Field();

  /** The events of one OTTO line, which are taken only when the whole line is good. */
  private Field[] items = new Field[0];

  private long[] times = new long[16];
  private int count;

  JsonLog(LogFormat format, Keys keys, ClickSink sink) {
    this(format, keys, null, sink);
  }

  /** UBI events whose sessions are made as the whole log tells. */
  JsonLog(SessionOrClient open, ClickSink sink) {
    this(LogFormat.UBI, null, open, sink);
  }

  private JsonLog(
      LogFormat format, @Nullable Keys keys, @Nullable SessionOrClient open, ClickSink sink) {
    this.otto = format == LogFormat.OTTO;
    this.keys = keys;
    this.open = open;
    this.sink = sink;
    sink.countActions(otto ? OTTO_ACTIONS : UBI_ACTIONS);
  }

  void read(InputStream in) throws LogFormatException {
    LineReader lines = new LineReader(in);
    try {
      while (lines.next()) {
        sink.line();
        if (lines.tooLong()) {
          sink.bad(
              lines.number(), "expected a line of less than " + LineReader.MAX_LINE + " bytes");
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
          ? "expected a JSON object a line"
          : otto ? session(parser, lines.number()) : event(parser, lines.number());
      if (problem.isEmpty() && parser.nextToken() != null) {
        problem = "expected one JSON object a line, found more";
      }
    } catch (LogFormatException e) {
      throw e;
    } catch (IOException e) {
      problem = "expected JSON: " + reason(e);
    }
    if (!problem.isEmpty()) {
      sink.bad(lines.number(), problem);
    } else if (otto) {
      takeSession(lines.number());
    } else {
      takeEvent(lines.number());
    }
  }

  /** Jackson's message without where it would have said the file. */
  private static String reason(IOException e) {
    String message =
        e instanceof JsonProcessingException json ? json.getOriginalMessage() : e.getMessage();
    return String.valueOf(message)
        .replaceAll("\\[Source:[^\\]]*column: (\\d+)\\]", "column $1")
        .replaceAll("\\p{Cntrl}", " ");
  }

  /** Reads one OTTO object; returns what is wrong with it, or an empty string. */
  private String session(JsonParser parser, long line) throws IOException {
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
          return "expected events as an array";
        }
        while (parser.nextToken() == JsonToken.START_OBJECT) {
          String problem = ottoEvent(parser);
          if (!problem.isEmpty()) {
            return problem;
          }
        }
        if (parser.currentToken() != JsonToken.END_ARRAY) {
          return "expected objects in events";
        }
      } else {
        parser.skipChildren();
      }
    }
    return events && !key.isEmpty()
        ? ""
        : "expected session and events (line " + line + " lacks one)";
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
    if (item.isEmpty() || millis == Times.NONE) {
      return "expected aid and ts in each event, found " + item.shown() + " and " + time.shown()
          + (time.isEmpty() ? "" : ": expected " + sink.times().expected(time.toString()));
    }
    String problem = item.idProblem();
    if (problem != null) {
      return "expected as item " + problem;
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
    if (!sink.good(line, key, "session")) {
      return;
    }
    for (int i = 0; i < count; i++) {
      sink.click(line, sink.key(key), sink.item(items[i]), times[i]);
    }
  }

  /** Reads one UBI object, also in _source; returns what is wrong with it, or an empty string. */
  private String event(JsonParser parser, long line) throws IOException {
    key.clear();
    user.clear();
    userId.clear();
    item.clear();
    time.clear();
    action.clear();
    bulk = false;
    fields(parser, Part.EVENT);
    return parser.currentToken() == JsonToken.END_OBJECT
        ? ""
        : "expected a whole JSON object on line " + line;
  }

  /** Whether the object is the action line of a bulk request, which has no event. */
  private boolean bulk;

  /** The objects of an event that are looked into. */
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

  /** What stands in the event itself comes before what its attributes repeat. */
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
      sink.bad(line, "expected an action_name");
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
    if (open != null) {
      sink.click(line, open, key, user, item, time);
    } else if (keys != null) {
      sink.click(line, keys.session() ? key : user, keys.name(), item, time);
    }
  }

  /** A string or a number as text, a whole one without a fraction; anything else as nothing. */
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
