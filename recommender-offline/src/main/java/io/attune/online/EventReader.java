package io.attune.online;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.attune.session.Counts;
import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/** Reads UBI events and joins the clicks with the searches that showed the items. */
final class EventReader {
  private static final JsonMapper JSON = JsonMapper.builder()
      .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
      .build();

  /** Lines of a bulk request that say what to do with the next one. */
  private static final Set<String> BULK = Set.of("index", "create", "update", "delete");

  /** They count: the id of a search is known only to whom it was shown. */
  private static final String EARLIER =
      "credited clicks with a time before their search: clocks differ, but they count";

  private static final int MAX_ORDINAL = 100_000;
  private static final byte NO_TEAM = -1;

  private final Map<String, Search> searches = new LinkedHashMap<>();
  private final List<Click> clicks = new ArrayList<>();
  private final Map<String, String> texts = new HashMap<>(); // each kept once
  private final Map<String, Long> notes = new LinkedHashMap<>();
  private final List<Path> files = new ArrayList<>();
  private long events;

  /** A search, as its impressions tell of it. */
  private static final class Search {
    final String session;
    final List<String> rankings;
    final String coins;
    final String device;
    final String model;
    final String where; // the first impression
    Instant time;

    @Nullable
    String[] items = new String[10]; // by position

    byte[] teams = new byte[10];

    Search(
        String session,
        List<String> rankings,
        String coins,
        String device,
        String model,
        String where,
        Instant time) {
      this.session = session;
      this.rankings = rankings;
      this.coins = coins;
      this.device = device;
      this.model = model;
      this.where = where;
      this.time = time;
    }

    void put(int ordinal, String item, byte team) {
      if (ordinal > items.length) {
        int size = Math.max(ordinal, 2 * items.length);
        items = Arrays.copyOf(items, size);
        teams = Arrays.copyOf(teams, size);
      }
      items[ordinal - 1] = item;
      teams[ordinal - 1] = team;
    }

    boolean has(int ordinal) {
      return ordinal <= items.length && items[ordinal - 1] != null;
    }

    /** The team of the first hit that has one; -1 if none has. */
    byte firstTeam() {
      for (int i = 0; i < items.length; i++) {
        if (items[i] != null && teams[i] != NO_TEAM) {
          return teams[i];
        }
      }
      return NO_TEAM;
    }
  }

  /** A click that names a search. */
  private record Click(String search, String session, String item, Instant time) {}

  /** Reads a file. */
  void read(Path file) throws IOException {
    for (Path earlier : files) {
      if (Files.isSameFile(earlier, file)) {
        throw new IOException(file + ": given twice");
      }
    }
    files.add(file);
    long number = 0;
    try (InputStream in = open(file);
        BufferedReader lines =
            new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8.newDecoder()))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        number++;
        if (!line.isBlank()) {
          event(parse(line, file + ":" + number), file + ":" + number);
        }
      }
    } catch (CharacterCodingException e) {
      throw new IOException(
          file + ": not UTF-8 after line " + number + "; expected UBI events as JSON lines", e);
    }
  }

  private static InputStream open(Path file) throws IOException {
    InputStream in = new BufferedInputStream(Files.newInputStream(file));
    try {
      in.mark(2);
      boolean isGzip = in.read() == 0x1f && in.read() == 0x8b;
      in.reset();
      return isGzip ? new GZIPInputStream(in) : in;
    } catch (IOException e) {
      in.close();
      throw e;
    }
  }

  private static JsonNode parse(String line, String where) throws IOException {
    JsonNode node;
    try {
      node = JSON.readTree(line);
    } catch (JsonProcessingException e) {
      throw new IOException(
          where + ": invalid JSON, expected a UBI event: " + e.getOriginalMessage(), e);
    }
    if (!node.isObject()) {
      throw new IOException(where + ": expected a UBI event, a JSON object");
    }
    return node.path("_source").isObject() ? node.path("_source") : node;
  }

  private void event(JsonNode event, String where) throws IOException {
    JsonNode action = event.path("action_name");
    if (action.isMissingNode()
        && event.size() == 1
        && BULK.contains(event.fieldNames().next())) {
      return;
    }
    events++;
    switch (text(event, "action_name", where)) {
      case "impression" -> impression(event, where);
      case "click" -> click(event, where);
      default -> count("events with other actions");
    }
  }

  private void impression(JsonNode event, String where) throws IOException {
    JsonNode attributes = event.path("event_attributes");
    JsonNode interleaving = attributes.path("interleaving");
    if (!interleaving.isObject()) {
      count("impressions that are not interleaved");
      return;
    }
    String id = text(event, "query_id", where);
    String session = session(event, where);
    Instant time = time(event, where);
    List<String> rankings = rankings(interleaving, where);
    Search search = searches.computeIfAbsent(
        id,
        key -> new Search(
            session,
            rankings,
            once(interleaving.path("coins").asText()),
            once(attributes.path("device").asText()),
            once(attributes.path("model").asText()),
            where,
            time));
    if (!search.session.equals(session) || !search.rankings.equals(rankings)) {
      throw new IOException(where + ": query_id " + id + " is that of another search at "
          + search.where + "; expected an id of its own for each search");
    }
    JsonNode ordinal = attributes.path("position").path("ordinal");
    if (!ordinal.canConvertToInt() || ordinal.intValue() < 1 || ordinal.intValue() > MAX_ORDINAL) {
      throw new IOException(where + ": event_attributes.position.ordinal is "
          + (ordinal.isMissingNode() ? "missing" : ordinal) + "; expected a position, from 1");
    }
    if (search.has(ordinal.intValue())) {
      throw new IOException(where + ": position " + ordinal + " of search " + id
          + ", which begins at " + search.where
          + ", is there twice; expected each event once, in one of the files");
    }
    String team = interleaving.path("team").asText();
    if (!team.isEmpty() && !rankings.contains(team)) {
      throw new IOException(
          where + ": team '" + team + "' is none of " + String.join(" and ", rankings));
    }
    search.put(ordinal.intValue(), once(item(event, where)), (byte) rankings.indexOf(team));
    search.time = time.isBefore(search.time) ? time : search.time;
  }

  private void click(JsonNode event, String where) throws IOException {
    if (event.path("query_id").asText().isEmpty()) {
      count("clicks without the id of a search");
      return;
    }
    clicks.add(new Click(
        text(event, "query_id", where),
        session(event, where),
        once(item(event, where)),
        time(event, where)));
  }

  private void count(String reason) {
    notes.merge(reason, 1L, Long::sum);
  }

  private String once(String text) {
    return texts.computeIfAbsent(text, key -> key);
  }

  private List<String> rankings(JsonNode interleaving, String where) throws IOException {
    List<String> names = new ArrayList<>();
    interleaving.path("rankings").forEach(name -> names.add(once(name.asText())));
    if (names.size() != 2 || names.getFirst().equals(names.getLast()) || names.contains("")) {
      throw new IOException(where + ": interleaving.rankings is " + interleaving.path("rankings")
          + "; expected the names of two rankings");
    }
    return List.copyOf(names);
  }

  private String session(JsonNode event, String where) throws IOException {
    String session = event.path("session_id").asText();
    return once(
        session.isEmpty() ? text(event, "client_id", where + ": without a session_id") : session);
  }

  private static String item(JsonNode event, String where) throws IOException {
    return text(event.path("event_attributes").path("object"), "object_id", where);
  }

  private static String text(JsonNode object, String field, String where) throws IOException {
    JsonNode value = object.path(field);
    if (!value.isValueNode() || value.asText().isEmpty() || value.isNull()) {
      throw new IOException(where + ": expected " + field);
    }
    return value.asText();
  }

  private static Instant time(JsonNode event, String where) throws IOException {
    JsonNode value = event.path("timestamp");
    try {
      return value.isIntegralNumber()
          ? Instant.ofEpochMilli(value.longValue())
          : OffsetDateTime.parse(value.asText()).toInstant();
    } catch (DateTimeException e) {
      throw new IOException(
          where + ": timestamp is "
              + (value.isMissingNode() ? "missing" : value)
              + "; expected ISO 8601 with a zone, or milliseconds",
          e);
    }
  }

  /** Joins clicks and searches. */
  InterleavedSearches joined(List<String> rankings) throws IOException {
    List<String> pair = pair(rankings);
    Map<String, Boolean> firstIsA = new HashMap<>(); // by draw
    Set<String> models = new HashSet<>();
    Instant from = Instant.MAX;
    Instant to = Instant.MIN;
    long count = 0;
    long contested = 0;
    for (Search search : searches.values()) {
      if (!search.rankings.containsAll(pair)) {
        continue;
      }
      count++;
      models.add(search.model);
      from = search.time.isBefore(from) ? search.time : from;
      to = search.time.isAfter(to) ? search.time : to;
      byte first = search.firstTeam();
      if (first != NO_TEAM) {
        contested++;
        String draw = search.coins.isEmpty() ? search.where : search.session + " " + search.coins;
        firstIsA.putIfAbsent(draw, search.rankings.get(first).equals(pair.getFirst()));
      }
    }
    long firstOfA = firstIsA.values().stream().filter(isA -> isA).count();
    List<InterleavedSearches.CreditedClick> credited = credited(pair);
    return new InterleavedSearches(
        pair,
        count,
        contested,
        firstOfA,
        firstIsA.size() - firstOfA,
        models.size(),
        from,
        to,
        credited,
        notes);
  }

  private List<InterleavedSearches.CreditedClick> credited(List<String> pair) {
    List<InterleavedSearches.CreditedClick> credited = new ArrayList<>();
    Set<List<String>> seen = new HashSet<>();
    for (Click click : clicks) {
      Search search = searches.get(click.search);
      int place = search == null ? -1 : Arrays.asList(search.items).indexOf(click.item);
      if (search == null) {
        count("clicks whose search is not in the events");
      } else if (!search.rankings.containsAll(pair)) {
        count("clicks of another comparison");
      } else if (!search.session.equals(click.session)) {
        count("clicks of another session than their search");
      } else if (place < 0) {
        count("clicks on items that their search did not show");
      } else if (!seen.add(List.of(click.search, click.item))) {
        count("repeated clicks on the same hit");
      } else if (search.teams[place] == NO_TEAM) {
        count("clicks on hits of no team, on which both rankings agree or that one has not");
      } else {
        if (click.time.isBefore(search.time)) {
          count(EARLIER);
        }
        String team = search.rankings.get(search.teams[place]);
        credited.add(new InterleavedSearches.CreditedClick(
            search.session, place + 1, search.device, team.equals(pair.getLast())));
      }
    }
    return credited;
  }

  private List<String> pair(List<String> rankings) throws IOException {
    Map<Set<String>, Long> pairs = searches.values().stream()
        .collect(Collectors.groupingBy(
            search -> Set.copyOf(search.rankings), LinkedHashMap::new, Collectors.counting()));
    String found = pairs.entrySet().stream()
        .map(entry -> entry.getKey().stream().sorted().collect(Collectors.joining(",")) + " ("
            + Counts.of(entry.getValue(), "search", "searches") + ")")
        .collect(Collectors.joining(", "));
    if (pairs.isEmpty()) {
      throw new IOException(files.getFirst() + (files.size() > 1 ? ", …" : "")
          + ": no interleaved impressions among " + Counts.of(events, "event")
          + "; expected those of searches with compare=A,B, which attune serve --events logs");
    }
    if (!rankings.isEmpty()) {
      if (!pairs.containsKey(Set.copyOf(rankings))) {
        throw new IOException(
            "no search compares " + String.join(" and ", rankings) + "; the events have " + found);
      }
      return rankings;
    }
    if (pairs.size() > 1) {
      throw new IOException("several comparisons: " + found
          + "; name one of them, such as --compare "
          + pairs.keySet().iterator().next().stream().sorted().collect(Collectors.joining(",")));
    }
    return searches.values().iterator().next().rankings;
  }
}
