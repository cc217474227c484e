package io.attune.tuning;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.attune.model.AtomicFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The results of a search so far, in one file that is replaced atomically after each rung, so a
 * search killed at any time leaves a valid one.
 */
final class Journal {
  private static final String NAME = "journal.json";
  private static final int FORMAT = 1;
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  private final Path file;
  private final Key key;
  private final List<Entry> entries;

  private Journal(Path file, Key key, List<Entry> entries) {
    this.file = file;
    this.key = key;
    this.entries = new ArrayList<>(entries);
  }

  /**
   * The inputs of a search; equal keys give equal trials.
   *
   * @param data SHA-256 of the training and validation data
   * @param seed of the draws and of every training
   * @param rungs epochs after which trials are compared
   * @param space what trials are drawn from
   */
  record Key(String data, long seed, List<Integer> rungs, SearchSpace space) {}

  /**
   * A result of a trial at a rung.
   *
   * @param trial its number, from 1
   * @param result its result
   */
  record Entry(int trial, Trial.Result result) {}

  /** The file as it is written. */
  private record Content(int format, Key search, List<Entry> results) {}

  /**
   * The journal of a directory, which is new if the directory is empty.
   *
   * @throws TuningException when it is damaged or belongs to another search, or when the directory
   *     holds other files
   */
  static Journal open(Path directory, Key key) throws IOException {
    require(directory);
    Path file = directory.resolve(NAME);
    if (Files.exists(file)) {
      return new Journal(file, key, read(file, key));
    }
    Files.createDirectories(directory);
    Journal journal = new Journal(file, key, List.of());
    journal.write();
    return journal;
  }

  /**
   * Checks that a directory can be written to and holds nothing but a search.
   *
   * @throws TuningException says what is there
   */
  static void require(Path directory) throws IOException {
    Path file = directory.resolve(NAME);
    if (Files.isDirectory(directory)) {
      if (Files.exists(file)) {
        format(file);
      } else {
        requireEmpty(directory);
      }
    }
    AtomicFile.requireWritable(file);
  }

  private static void requireEmpty(Path directory) throws IOException {
    try (Stream<Path> content = Files.list(directory)) {
      if (content.findAny().isPresent()) {
        throw new TuningException(
            directory, "not empty, and without a " + NAME + " of a search; name a new directory");
      }
    }
  }

  /** The journal as it is in the file. */
  private static JsonNode format(Path file) throws IOException {
    try {
      JsonNode tree = JSON.readTree(file.toFile());
      if (tree.path("format").asInt() != FORMAT || !tree.path("search").isObject()) {
        throw new TuningException(
            file, "a journal of format " + FORMAT + " was expected, not " + tree.path("format"));
      }
      return tree;
    } catch (JsonProcessingException e) {
      throw noJournal(file, e);
    }
  }

  private static TuningException noJournal(Path file, JsonProcessingException e) {
    return new TuningException(
        file,
        "no journal of a search: " + e.getOriginalMessage().lines().findFirst().orElse(""),
        e);
  }

  private static List<Entry> read(Path file, Key key) throws IOException {
    try {
      JsonNode tree = format(file);
      requireSame(file, tree.path("search"), JSON.readTree(JSON.writeValueAsString(key)));
      return List.of(JSON.treeToValue(tree.path("results"), Entry[].class));
    } catch (JsonProcessingException e) {
      throw noJournal(file, e);
    }
  }

  private static void requireSame(Path file, JsonNode kept, JsonNode now) throws TuningException {
    if (!kept.path("data").equals(now.path("data"))) {
      throw new TuningException(
          file,
          "the journal of a search on another log, or with another holdout or other filters:"
              + " SHA-256 of the sessions " + kept.path("data").asText() + ", not "
              + now.path("data").asText() + "; name a new directory");
    }
    if (!kept.path("seed").equals(now.path("seed"))) {
      throw new TuningException(
          file,
          "the journal of a search with seed " + kept.path("seed") + ", not " + now.path("seed"));
    }
    if (!kept.equals(now)) {
      throw new TuningException(
          file,
          "the journal of a search in another space: encoder, preset or settings were others;"
              + " give the same again, or name a new directory");
    }
  }

  /** The results in their order. */
  List<Entry> entries() {
    return List.copyOf(entries);
  }

  /** Adds a result. */
  void add(Entry entry) throws IOException {
    entries.add(entry);
    write();
  }

  private void write() throws IOException {
    AtomicFile.replace(
        file, beside -> JSON.writeValue(beside.toFile(), new Content(FORMAT, key, entries())));
  }
}
