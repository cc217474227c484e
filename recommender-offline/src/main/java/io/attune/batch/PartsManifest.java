package io.attune.batch;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.attune.model.AtomicFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What lies in a directory of parts.
 *
 * @param format of this manifest
 * @param madeFrom what the output is made from, by name: parts of other runs differ in it
 * @param parts those that are complete, in their order
 */
record PartsManifest(int format, Map<String, String> madeFrom, List<Part> parts) {
  static final int FORMAT = 1;

  private static final String NAME = "manifest.json";
  private static final String WRITING = "manifest.writing"; // the directory is locked
  private static final JsonMapper JSON = JsonMapper.builder()
      .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
      .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
      .build();

  /**
   * A complete part.
   *
   * @param bytes how long its file is
   * @param sha256 of its file
   * @param items how many are recommended in it
   * @param fallbacks how many of its sessions got popular items
   * @param empty how many of its sessions got nothing
   */
  record Part(long bytes, String sha256, long items, int fallbacks, int empty) {}

  /** One without parts. */
  static PartsManifest of(Map<String, String> madeFrom) {
    return new PartsManifest(FORMAT, new TreeMap<>(madeFrom), List.of());
  }

  /** With one part more. */
  PartsManifest with(Part part) {
    List<Part> more = new ArrayList<>(parts);
    more.add(part);
    return new PartsManifest(format, madeFrom, more);
  }

  /** With the first parts alone. */
  PartsManifest first(int count) {
    return new PartsManifest(format, madeFrom, List.copyOf(parts.subList(0, count)));
  }

  static boolean isIn(Path directory) {
    return Files.isRegularFile(directory.resolve(NAME));
  }

  /** Whether a file is one by its name. */
  static boolean isOne(Path file) {
    return file.endsWith(NAME);
  }

  /** Deletes the manifest of a directory. */
  static void delete(Path directory) throws IOException {
    Files.deleteIfExists(directory.resolve(NAME));
  }

  void write(Path directory) throws IOException {
    Path whole = directory.resolve(WRITING);
    JSON.writerWithDefaultPrettyPrinter().writeValue(whole.toFile(), this);
    AtomicFile.move(whole, directory.resolve(NAME));
  }

  /**
   * Reads the manifest of a directory.
   *
   * @throws PartsException when it is none, or of another version
   */
  static PartsManifest read(Path directory) throws IOException {
    try {
      PartsManifest manifest =
          JSON.readValue(directory.resolve(NAME).toFile(), PartsManifest.class);
      if (manifest.format != FORMAT || manifest.madeFrom == null || manifest.parts == null) {
        throw new PartsException(
            directory, "its manifest is not of format " + FORMAT + ", the one known here");
      }
      return manifest;
    } catch (JacksonException e) {
      throw new PartsException(directory, "no manifest of parts: " + e.getOriginalMessage());
    }
  }

  /**
   * Refuses to go on with parts that were made from something else.
   *
   * @throws PartsException says what differs
   */
  void requireMadeFrom(Map<String, String> wanted, Path directory) throws PartsException {
    TreeSet<String> names = new TreeSet<>(madeFrom.keySet());
    names.addAll(wanted.keySet());
    List<String> differences = new ArrayList<>();
    for (String name : names) {
      if (!Objects.equals(madeFrom.get(name), wanted.get(name))) {
        differences.add("%s was %s and is %s now"
            .formatted(name, shown(madeFrom.get(name)), shown(wanted.get(name))));
      }
    }
    if (!differences.isEmpty()) {
      throw new PartsException(
          directory,
          "holds parts of another run, in which " + String.join(", ", differences)
              + "; start anew, name another output, or ask for the same again");
    }
  }

  private static String shown(@Nullable String value) {
    return value == null ? "not there" : value.length() > 40 ? value.substring(0, 12) : value;
  }
}
