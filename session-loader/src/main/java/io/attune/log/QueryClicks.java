package io.attune.log;

import io.attune.session.Sessions;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads the clicks of UBI events that name the query whose hits they are on. */
final class QueryClicks {
  private static final Set<String> ACTIONS = Set.of("click");

  private QueryClicks() {}

  /** A click on a hit; a session or user that is not known is empty. */
  record Click(String item, String session, String user, long time) {}

  /**
   * The first click of each query, by the query's id; of events without times, the first in the
   * log. Files of other formats are left out.
   */
  static Map<String, Click> read(List<Path> logs, LogOptions options) throws LogFormatException {
    Map<String, Click> clicks = new HashMap<>();
    Set<String> actions = options.actions().isEmpty() ? ACTIONS : options.actions();
    TimeParser times = TimeParser.of(options);
    for (Path path : LogFolder.files(logs)) {
      try (LogFile file = LogFile.open(path, count -> {})) {
        if (file.head().length > 0 && FormatFinder.find(file, options).format() == LogFormat.UBI) {
          read(file.stream(), actions, times, clicks);
        }
      } catch (IOException e) {
        throw LogFile.explain(path, 0, e);
      }
    }
    return clicks;
  }

  private static void read(
      InputStream in, Set<String> actions, TimeParser times, Map<String, Click> clicks)
      throws IOException {
    for (JsonLines lines = new JsonLines(in); lines.next(); ) {
      String query = lines.text("query_id");
      String item =
          lines.text("object.object_id", "event_attributes.object.object_id", "object_id");
      if (query.isEmpty() || item.isEmpty() || !actions.contains(lines.text("action_name"))) {
        continue;
      }
      byte[] when = lines.text("timestamp").getBytes(StandardCharsets.UTF_8);
      Click click = new Click(
          item,
          lines.text("session_id", "event_attributes.session_id"),
          lines.text("client_id", "event_attributes.client_id", "user_id"),
          when.length == 0 ? Sessions.NO_TIME : times.parse(when, 0, when.length));
      clicks.merge(query, click, (one, other) -> other.time < one.time ? other : one);
    }
  }
}
