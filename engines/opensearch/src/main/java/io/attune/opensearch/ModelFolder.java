package io.attune.opensearch;

import io.attune.model.Manifest;
import io.attune.model.Model;
import io.attune.model.ModelDirectory;
import io.attune.model.ModelException;
import io.attune.serving.ServingModel;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A subdirectory of {@code config/attune/}: a model that can be served, or the reason why it
 * cannot.
 *
 * <p>Messages are also shown to clients, so they name files relative to {@code config/attune},
 * never by their paths on the server.
 *
 * @param root {@code config/attune}, which may be a link itself
 * @param name the model's name
 */
record ModelFolder(Path root, String name) {
  private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9_-]{0,63}");
  private static final String MANIFEST = "manifest.json";

  /** The root as shown in messages. */
  static final String DISPLAY_PATH = "config/attune";

  /** Whether a model may have this name. */
  static boolean isName(String name) {
    return NAME.matcher(name).matches();
  }

  /**
   * The reason why an entry that is not a directory, or whose name is not a model's, is ignored.
   *
   * @return empty for hidden files
   */
  static Optional<String> reasonIgnored(Path entry) {
    String name = entry.getFileName().toString();
    if (name.startsWith(".")) {
      return Optional.empty();
    }
    if (!Files.isDirectory(entry)) {
      return Optional.of(
          Files.isSymbolicLink(entry)
              ? "ignored: a link that does not lead to a directory"
              : "ignored: a file, but a model is a directory");
    }
    int dot = name.indexOf('.');
    return Optional.of(
        dot > 0 && isName(name.substring(0, dot))
            ? "ignored, since its name contains a dot; to serve it: "
                + replacing(name, name.substring(0, dot))
            : "ignored: a model's name must have 1 to 64 of a-z, 0-9, - and _, and start with a"
                + " letter or digit");
  }

  /** The two commands that put a directory in the place of a model. */
  private static String replacing(String from, String name) {
    return "`mv " + name + " " + name + ".old`, if there is one, then `mv " + from + " " + name
        + "`, both in " + DISPLAY_PATH;
  }

  private Path path() {
    return root.resolve(name);
  }

  /**
   * Reads the manifest only.
   *
   * @throws IOException if this is not a model that can be served, with the reason
   */
  Manifest manifest() throws IOException {
    requireWithin();
    if (!Files.isRegularFile(path().resolve(MANIFEST))) {
      Optional<String> inner = nested();
      if (inner.isPresent()) {
        throw new ModelException(
            path(),
            "not a model: it has no " + MANIFEST + ", but there is one in its subdirectory "
                + inner.get() + "; move that model up: `mv " + name + "/" + inner.get() + " "
                + inner.get() + ".new`, `mv " + name + " " + name + ".old`, then `mv "
                + inner.get() + ".new " + name + "`, all in " + DISPLAY_PATH);
      }
    }
    if (ModelDirectory.isBaseline(path())) {
      throw new ModelException(
          path(),
          "a baseline, which has no item vectors and cannot be served; train a model with an"
              + " encoder, such as `attune train … --encoder narm`");
    }
    Manifest manifest = Model.manifest(path());
    if (manifest.encoder() == null) {
      throw new ModelException(
          path().resolve(MANIFEST),
          "it names no encoder, so the model cannot be served; train a model with an encoder,"
              + " such as `attune train … --encoder narm`");
    }
    return manifest;
  }

  /**
   * Returns fingerprints that change when a file does, without reading it: size, modification time
   * and file key.
   *
   * @return the fingerprint of each file in the directory
   */
  Map<String, String> fingerprints() throws IOException {
    Map<String, String> fingerprints = new TreeMap<>();
    List<Path> files;
    try (Stream<Path> all = Files.list(path())) {
      files = all.toList();
    }
    for (Path file : files) {
      BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
      if (now.isRegularFile()) {
        fingerprints.put(
            file.getFileName().toString(),
            now.size() + " " + now.lastModifiedTime() + " " + now.fileKey());
      }
    }
    return fingerprints;
  }

  /**
   * Loads the model.
   *
   * @throws IOException if it cannot be served, with the reason
   */
  LoadedModel open() throws IOException {
    manifest();
    try {
      return new LoadedModel(ServingModel.open(path()));
    } catch (UnsupportedOperationException e) {
      throw new ModelException(path(), "cannot be served: " + e.getMessage(), e);
    }
  }

  /**
   * Describes a mistake that does not prevent the model from being served: a newer model that was
   * moved into the directory instead of replacing it.
   */
  Optional<String> warning() {
    return nested()
        .map(inner -> DISPLAY_PATH + "/" + name + ": contains another model in " + inner
            + ", which is ignored; `mv` moves into a directory that exists. To serve the inner"
            + " one: `mv " + name + "/" + inner + " " + name + ".new`, `mv " + name + " " + name
            + ".old`, then `mv " + name + ".new " + name + "`, all in " + DISPLAY_PATH);
  }

  /** The name of a subdirectory that holds a model. */
  private Optional<String> nested() {
    try (Stream<Path> files = Files.list(path())) {
      return files
          .filter(file -> Files.isRegularFile(file.resolve(MANIFEST)))
          .map(file -> file.getFileName().toString())
          .sorted()
          .findFirst();
    } catch (IOException e) {
      return Optional.empty(); // reported when the model is loaded
    }
  }

  /** Refuses links that lead out of the root, since only models in it may be served. */
  private void requireWithin() throws IOException {
    Path within = root.toRealPath();
    requireWithin(within, path());
    List<Path> files;
    try (Stream<Path> all = Files.list(path())) {
      files = all.toList();
    }
    for (Path file : files) {
      if (Files.isSymbolicLink(file)) {
        requireWithin(within, file);
      }
    }
  }

  private static void requireWithin(Path root, Path path) throws IOException {
    if (!path.toRealPath().startsWith(root)) {
      throw new ModelException(
          path,
          "a link that leads out of " + DISPLAY_PATH + ", where all models must be; copy its"
              + " target, or link to a path in " + DISPLAY_PATH);
    }
  }

  /** The reason of a failure, without paths of the server. */
  String reason(Exception failure) {
    String text =
        switch (failure) {
          case NoSuchFileException e -> e.getFile() + ": missing";
          case AccessDeniedException e -> e.getFile() + ": not readable by this node";
          case NotDirectoryException e -> e.getFile() + ": not a directory";
          case FileSystemException e -> String.valueOf(e.getMessage());
          case IOException e -> String.valueOf(e.getMessage());
          case IllegalArgumentException e -> DISPLAY_PATH + "/" + name + ": " + e.getMessage();
          case Exception e ->
            DISPLAY_PATH + "/" + name + ": cannot be loaded (" + e.getClass().getSimpleName() + ")";
        };
    return redact(root, text);
  }

  /** Replaces the root's path in a text by {@link #DISPLAY_PATH}. */
  static String redact(Path root, String text) {
    String redacted = text;
    try {
      redacted = text.replace(root.toRealPath().toString(), DISPLAY_PATH);
    } catch (IOException e) {
      // Without a real path there is no other spelling of it.
    }
    return redacted
        .replace(root.toAbsolutePath().normalize().toString(), DISPLAY_PATH)
        .replace(root.toString(), DISPLAY_PATH);
  }
}
