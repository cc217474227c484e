package io.attune.batch;

import com.fasterxml.jackson.annotation.JsonProperty;
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
 * The manifest of a directory of partial results.
 *
 * @param format the format version of the manifest
 * @param provenance what the output depends on, by name; differs between runs
 * @param parts the complete parts, in order
 */
record PartsManifest(
    int format, @JsonProperty("madeFrom") Map<String, String> provenance, List<Part> parts) {
  static final int FORMAT = 1;

  private static final String NAME = "manifest.json";
  private static final String TEMPORARY = "manifest.writing"; // the directory is locked
  private static final JsonMapper JSON = JsonMapper.builder()
      .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
      .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
      .build();

  /**
   * A complete part.
   *
   * @param bytes size of its file
   * @param sha256 SHA-256 of its file
   * @param items number of recommended items
   * @param fallbacks number of sessions with popular items as a fallback
   * @param empty number of sessions without recommendations
   */
  record Part(long bytes, String sha256, long items, int fallbacks, int empty) {}

  /** A manifest without parts. */
  static PartsManifest empty(Map<String, String> provenance) {
    return new PartsManifest(FORMAT, new TreeMap<>(provenance), List.of());
  }

  /** This manifest with one more part. */
  PartsManifest with(Part part) {
    List<Part> more = new ArrayList<>(parts);
    more.add(part);
    return new PartsManifest(format, provenance, more);
  }

  /** This manifest with its first parts only. */
  PartsManifest truncated(int count) {
    return new PartsManifest(format, provenance, List.copyOf(parts.subList(0, count)));
  }

  static boolean exists(Path directory) {
    return Files.isRegularFile(directory.resolve(NAME));
  }

  /** Whether a file has the name of a manifest. */
  static boolean isManifest(Path file) {
    return file.endsWith(NAME);
  }

  /** Deletes the manifest of a directory. */
  static void delete(Path directory) throws IOException {
    Files.deleteIfExists(directory.resolve(NAME));
  }

  void write(Path directory) throws IOException {
    Path temporary = directory.resolve(TEMPORARY);
    JSON.writerWithDefaultPrettyPrinter().writeValue(temporary.toFile(), this);
    AtomicFile.move(temporary, directory.resolve(NAME));
  }

  /**
   * Reads the manifest of a directory.
   *
   * @throws PartsException if it is not a manifest of parts, or has another format version
   */
  static PartsManifest read(Path directory) throws IOException {
    try {
      PartsManifest manifest =
          JSON.readValue(directory.resolve(NAME).toFile(), PartsManifest.class);
      if (manifest.format != FORMAT || manifest.provenance == null || manifest.parts == null) {
        throw new PartsException(
            directory, "its manifest is not of format " + FORMAT + ", the only supported one");
      }
      return manifest;
    } catch (JacksonException e) {
      throw new PartsException(
          directory, "its manifest is not one of partial results: " + e.getOriginalMessage());
    }
  }

  /**
   * Checks that the parts have this provenance.
   *
   * @throws PartsException if not; the message names the differences
   */
  void requireProvenance(Map<String, String> expected, Path directory) throws PartsException {
    TreeSet<String> names = new TreeSet<>(provenance.keySet());
    names.addAll(expected.keySet());
    List<String> differences = new ArrayList<>();
    for (String name : names) {
      if (!Objects.equals(provenance.get(name), expected.get(name))) {
        differences.add("%s was %s and is now %s"
            .formatted(name, abbreviated(provenance.get(name)), abbreviated(expected.get(name))));
      }
    }
    if (!differences.isEmpty()) {
      throw new PartsException(
          directory,
          "holds partial results of a different run: " + String.join(", ", differences)
              + "; discard them, choose another output, or repeat the original run");
    }
  }

  private static String abbreviated(@Nullable String value) {
    return value == null ? "absent" : value.length() > 40 ? value.substring(0, 12) : value;
  }
}
