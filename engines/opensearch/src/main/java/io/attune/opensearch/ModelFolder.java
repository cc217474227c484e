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
 * What lies under one name in {@code config/attune/}: a model that can be served, or why it is
 * none.
 *
 * <p>Messages are for clients too, so they name files from {@code config/attune} on, never by their
 * places on the server.
 *
 * @param root {@code config/attune}, which may be a link itself
 * @param name of the model
 */
record ModelFolder(Path root, String name) {
  private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9_-]{0,63}");
  private static final String MANIFEST = "manifest.json";

  /** How messages name the root. */
  static final String SHOWN = "config/attune";

  /** Whether a model may have this name. */
  static boolean isName(String name) {
    return NAME.matcher(name).matches();
  }

  /**
   * Why something that cannot be a model by its name, or is no folder, is not read.
   *
   * @return empty for what says so itself: hidden files
   */
  static Optional<String> unread(Path entry) {
    String name = entry.getFileName().toString();
    if (name.startsWith(".")) {
      return Optional.empty();
    }
    if (!Files.isDirectory(entry)) {
      return Optional.of(
          Files.isSymbolicLink(entry)
              ? "not read: a link that leads to no folder"
              : "not read: a file, but each model is a folder");
    }
    int dot = name.indexOf('.');
    return Optional.of(
        dot > 0 && isName(name.substring(0, dot))
            ? "not read, as no name with a dot is; to serve it: "
                + replacing(name, name.substring(0, dot))
            : "not read: a model's name has up to 64 of a-z, 0-9, - and _, and starts with a"
                + " letter or digit");
  }

  /** The two commands that put a folder in the place of a model. */
  private static String replacing(String from, String name) {
    return "`mv " + name + " " + name + ".old`, if there is one, then `mv " + from + " " + name
        + "`, both in " + SHOWN;
  }

  private Path path() {
    return root.resolve(name);
  }

  /**
   * Reads the manifest alone.
   *
   * @throws IOException why this is no model that can be served
   */
  Manifest manifest() throws IOException {
    requireWithin();
    if (!Files.isRegularFile(path().resolve(MANIFEST))) {
      Optional<String> inner = nested();
      if (inner.isPresent()) {
        throw new ModelException(
            path(),
            "no model: it has no " + MANIFEST + ", but there is one a folder deeper, in "
                + inner.get() + "; move that model up: `mv " + name + "/" + inner.get() + " "
                + inner.get() + ".new`, `mv " + name + " " + name + ".old`, then `mv "
                + inner.get() + ".new " + name + "`, all in " + SHOWN);
      }
    }
    if (ModelDirectory.isBaseline(path())) {
      throw new ModelException(
          path(),
          "a baseline, which has no item vectors and cannot be served here; train a model with an"
              + " encoder, such as `attune train … --encoder narm`");
    }
    Manifest manifest = Model.manifest(path());
    if (manifest.encoder() == null) {
      throw new ModelException(
          path().resolve(MANIFEST),
          "it names no encoder, so this model cannot be served here; train one with an encoder,"
              + " such as `attune train … --encoder narm`");
    }
    return manifest;
  }

  /**
   * By what a file is known to be the same without reading it: size, time of change, and its key on
   * the disk.
   *
   * @return for each file of the folder
   */
  Map<String, String> stamps() throws IOException {
    Map<String, String> stamps = new TreeMap<>();
    List<Path> files;
    try (Stream<Path> all = Files.list(path())) {
      files = all.toList();
    }
    for (Path file : files) {
      BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
      if (now.isRegularFile()) {
        stamps.put(
            file.getFileName().toString(),
            now.size() + " " + now.lastModifiedTime() + " " + now.fileKey());
      }
    }
    return stamps;
  }

  /**
   * Opens the model.
   *
   * @throws IOException why it cannot be served
   */
  HeldModel open() throws IOException {
    manifest();
    try {
      return new HeldModel(ServingModel.open(path()));
    } catch (UnsupportedOperationException e) {
      throw new ModelException(path(), "cannot be served: " + e.getMessage(), e);
    }
  }

  /**
   * What is wrong with a folder whose model can be served all the same: a newer one that was moved
   * into it, where {@code mv} should have replaced it.
   */
  Optional<String> oddity() {
    return nested()
        .map(inner -> SHOWN + "/" + name + ": holds another model in " + inner
            + ", which is not read; `mv` onto a folder that is there puts into it. To serve the inner"
            + " one: `mv " + name + "/" + inner + " " + name + ".new`, `mv " + name + " " + name
            + ".old`, then `mv " + name + ".new " + name + "`, all in " + SHOWN);
  }

  /** The name of a folder in this one that holds a model. */
  private Optional<String> nested() {
    try (Stream<Path> files = Files.list(path())) {
      return files
          .filter(file -> Files.isRegularFile(file.resolve(MANIFEST)))
          .map(file -> file.getFileName().toString())
          .sorted()
          .findFirst();
    } catch (IOException e) {
      return Optional.empty(); // opening it says why
    }
  }

  /** Refuses links that lead out of the root: what is served lies there, and nowhere else. */
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
          "a link that leads out of " + SHOWN + ", where all that is served must lie; copy what it"
              + " leads to, or link within " + SHOWN);
    }
  }

  /** Why something failed, without the server's paths. */
  String reason(Exception failure) {
    String text =
        switch (failure) {
          case NoSuchFileException e -> e.getFile() + ": missing";
          case AccessDeniedException e -> e.getFile() + ": this node may not read it";
          case NotDirectoryException e -> e.getFile() + ": not a folder";
          case FileSystemException e -> String.valueOf(e.getMessage());
          case IOException e -> String.valueOf(e.getMessage());
          case IllegalArgumentException e -> SHOWN + "/" + name + ": " + e.getMessage();
          case Exception e ->
            SHOWN + "/" + name + ": cannot be opened (" + e.getClass().getSimpleName() + ")";
        };
    return shown(root, text);
  }

  /** A text with {@link #SHOWN} instead of where that lies. */
  static String shown(Path root, String text) {
    String shown = text;
    try {
      shown = text.replace(root.toRealPath().toString(), SHOWN);
    } catch (IOException e) {
      // Then there is no other path to it.
    }
    return shown
        .replace(root.toAbsolutePath().normalize().toString(), SHOWN)
        .replace(root.toString(), SHOWN);
  }
}
