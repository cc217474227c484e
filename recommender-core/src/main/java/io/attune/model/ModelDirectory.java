package io.attune.model;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Model directories of every kind, and the rule for replacing one: the target must be absent,
 * empty, or a model according to its manifest with no other files in it. The new model is written
 * beside it, synced to disk and moved into place; the files of the old one are then deleted by
 * name.
 *
 * <p>A symbolic link is kept, and the directory that it points to is replaced.
 *
 * <p>Internal: shared by the modules of Attune.
 */
public final class ModelDirectory {
  /** The file that identifies a model. */
  public static final String MANIFEST = "manifest.json";

  /** The item ids. */
  public static final String VOCABULARY = "vocabulary.json";

  /** The weights of an encoder. */
  public static final String WEIGHTS = "weights.safetensors";

  /** The {@link LearnedBlend} of words and session, of a model that has one. */
  public static final String BLEND = "blend.json";

  /** The training sessions of a baseline. */
  public static final String SESSIONS = "sessions.bin";

  /** The newest format of baselines; that of encoders is {@link Manifest#FORMAT}. */
  public static final int BASELINE_FORMAT = 1;

  private static final Path MOUNTS = Path.of("/proc/self/mountinfo");
  private static final int MOUNT_POINT = 4; // its column in MOUNTS
  private static final Pattern SHA_256 = Pattern.compile("[0-9a-f]{64}");
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private ModelDirectory() {}

  /**
   * Checks that a model could be saved to a directory, before hours are spent on training it.
   * Nothing is left behind.
   *
   * @throws ModelException if there is something other than a model, or the directory cannot be
   *     moved
   * @throws FileSystemException if nothing can be written there
   */
  public static void requireReplaceable(Path directory) throws IOException {
    Path target = AtomicFile.resolveLinks(directory);
    if (isWorkingDirectory(target)) {
      throw new ModelException(
          directory,
          "is or contains the working directory, which cannot be replaced; name a directory in it,"
              + " or one elsewhere");
    }
    if (Files.exists(target)) {
      modelFiles(directory, target);
      if (isMountPoint(target)) {
        throw new ModelException(
            directory, "is a mount point, which cannot be replaced; name a directory in it");
      }
      if (!Files.isWritable(target)) {
        throw new ModelException(directory, "is read-only, so it cannot be replaced");
      }
    }
    AtomicFile.requireCreatable(target);
  }

  /**
   * Writes a model, replacing one that exists.
   *
   * @param writer fills an empty directory
   * @throws IOException as {@link #requireReplaceable}, and if the model cannot be written; an
   *     existing model is left unchanged then
   */
  public static void replace(Path directory, AtomicFile.Writer writer) throws IOException {
    replace(directory, writer, AtomicFile::sync);
  }

  static void replace(Path directory, AtomicFile.Writer writer, AtomicFile.Sync sync)
      throws IOException {
    requireReplaceable(directory);
    Path target = AtomicFile.resolveLinks(directory);
    Files.createDirectories(AtomicFile.parent(target));
    Path beside = AtomicFile.createOwnDirectory(target);
    try {
      AtomicFile.write(directory, writer, beside);
      for (Path file : list(beside)) {
        sync.sync(file);
      }
      sync.sync(beside);
      if (Files.exists(target)) {
        swap(directory, target, beside, sync);
      } else {
        Files.move(beside, target, StandardCopyOption.ATOMIC_MOVE);
        sync.sync(AtomicFile.parent(target));
      }
    } finally {
      AtomicFile.deleteRecursively(beside);
    }
  }

  private static void swap(Path directory, Path target, Path beside, AtomicFile.Sync sync)
      throws IOException {
    Set<String> files = modelFiles(directory, target);
    Path own = AtomicFile.createOwnDirectory(target);
    Path old = own.resolve("old");
    try {
      Files.move(target, old, StandardCopyOption.ATOMIC_MOVE);
      try {
        Files.move(beside, target, StandardCopyOption.ATOMIC_MOVE);
      } catch (IOException e) {
        Files.move(old, target, StandardCopyOption.ATOMIC_MOVE);
        throw e;
      }
      sync.sync(AtomicFile.parent(target));
      for (String file : files) {
        Files.deleteIfExists(old.resolve(file));
      }
      Files.delete(old);
    } catch (DirectoryNotEmptyException e) {
      throw new FileSystemException(
          old.toString(),
          null,
          "kept, since a file that is not the model's was put into " + directory
              + " meanwhile; the new model is in its place");
    } finally {
      if (Files.notExists(old)) {
        Files.deleteIfExists(own);
      }
    }
  }

  /**
   * Deletes a model: its files by name, then the directory.
   *
   * @throws ModelException if there is anything that does not belong to a model
   */
  static void delete(Path directory) throws IOException {
    for (String file : modelFiles(directory, directory)) {
      Files.delete(directory.resolve(file));
    }
    Files.delete(directory);
  }

  /**
   * Checks by the manifest that a directory holds a model, of any kind, in a format that can be
   * read.
   *
   * @throws ModelException if it does not, with what is there instead
   */
  public static void requireModel(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      throw new ModelException(directory, "no such model");
    }
    if (!Files.isDirectory(directory)) {
      throw new ModelException(
          directory, "not a model: a model is a directory, but this is a file");
    }
    JsonNode manifest = manifest(directory);
    if (manifest == null || !isBaseline(manifest)) {
      Model.manifest(directory);
    } else if (manifest.path("format").asInt(0) > BASELINE_FORMAT) {
      throw newer(directory, manifest);
    }
  }

  private static ModelException newer(Path directory, JsonNode manifest) {
    return new ModelException(
        directory.resolve(MANIFEST),
        "format " + manifest.path("format").asInt(0) + " is newer than "
            + (isBaseline(manifest) ? BASELINE_FORMAT : Manifest.FORMAT)
            + ", the newest that this version reads; use a newer Attune");
  }

  /** Whether a directory holds a baseline, according to its manifest. */
  public static boolean isBaseline(Path directory) throws IOException {
    JsonNode manifest = manifest(directory);
    return manifest != null && isBaseline(manifest);
  }

  /**
   * The names of all files in a directory that may be replaced.
   *
   * @param named as the user calls it
   * @throws ModelException if there is anything that does not belong to a model
   */
  private static Set<String> modelFiles(Path named, Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      throw new ModelException(named, "exists and is not a model but a file; name a new directory");
    }
    Set<String> there = new TreeSet<>();
    for (Path each : list(directory)) {
      there.add(String.valueOf(each.getFileName()));
    }
    if (there.isEmpty()) {
      return there;
    }
    JsonNode manifest = manifest(directory);
    Set<String> own = manifest == null ? null : filesOf(manifest);
    if (manifest == null || own == null) {
      throw new ModelException(
          named,
          "exists and is not a model: "
              + (manifest == null
                  ? "it has no " + MANIFEST + " of Attune"
                  : "its " + MANIFEST + " is not Attune's")
              + "; name a new directory, or remove this one");
    }
    int format = manifest.path("format").asInt(0);
    int known = isBaseline(manifest) ? BASELINE_FORMAT : Manifest.FORMAT;
    if (format > known) {
      throw new ModelException(
          named,
          "contains a model of format " + format + ", newer than " + known
              + ", the newest that this version reads: it is not replaced");
    }
    for (String name : there) {
      if (!own.contains(name)
          || !Files.isRegularFile(directory.resolve(name), LinkOption.NOFOLLOW_LINKS)) {
        throw new ModelException(
            named,
            "contains '" + name + "' beside a model, which would be lost; move it away, or name a"
                + " new directory");
      }
    }
    return there;
  }

  private static @Nullable JsonNode manifest(Path directory) throws IOException {
    Path file = directory.resolve(MANIFEST);
    if (!Files.isRegularFile(file)) {
      return null;
    }
    try {
      return JSON.readTree(file.toFile());
    } catch (JacksonException e) {
      return null;
    }
  }

  private static boolean isBaseline(JsonNode manifest) {
    return manifest.path("baseline").isTextual() && isSha256(manifest.path("sessions"));
  }

  /** The files of a model according to its manifest; null if the manifest is not Attune's. */
  private static @Nullable Set<String> filesOf(JsonNode manifest) {
    if (!manifest.path("format").isInt() || !manifest.path("items").isInt()) {
      return null;
    }
    if (isBaseline(manifest)) {
      return Set.of(MANIFEST, VOCABULARY, SESSIONS);
    }
    Set<String> files = new HashSet<>(Set.of(MANIFEST));
    for (Map.Entry<String, JsonNode> file : manifest.path("files").properties()) {
      if (!isSha256(file.getValue())) {
        return null;
      }
      files.add(file.getKey());
    }
    boolean ours = manifest.path("encoder").path("type").isTextual()
        && files.containsAll(List.of(VOCABULARY, WEIGHTS));
    return ours ? files : null;
  }

  private static boolean isSha256(JsonNode node) {
    return node.isTextual() && SHA_256.matcher(node.asText()).matches();
  }

  private static List<Path> list(Path directory) throws IOException {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.sorted().toList();
    }
  }

  /**
   * Moving the working directory away would leave this process, and the shell that started it, in a
   * deleted directory.
   */
  private static boolean isWorkingDirectory(Path target) throws IOException {
    return Files.exists(target)
        && Path.of("").toAbsolutePath().toRealPath().startsWith(target.toRealPath());
  }

  static boolean isMountPoint(Path target) throws IOException {
    Path real = target.toRealPath();
    if (!Files.getFileStore(real).equals(Files.getFileStore(AtomicFile.parent(real)))) {
      return true;
    }
    // A bind mount has the same file store.
    if (!Files.isReadable(MOUNTS)) {
      return false;
    }
    String point = real.toString().replace(" ", "\\040");
    return Files.readAllLines(MOUNTS).stream()
        .map(line -> line.split(" ", MOUNT_POINT + 2))
        .anyMatch(columns -> columns.length > MOUNT_POINT && columns[MOUNT_POINT].equals(point));
  }
}
