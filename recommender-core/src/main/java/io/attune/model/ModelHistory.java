package io.attune.model;

import io.attune.session.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The earlier versions of a model that is replaced from time to time: whole models in a directory
 * beside it, {@code MODEL.versions}, the newest with the highest number. A version is copied there
 * before it is replaced, so whenever a process is killed, each version is whole somewhere.
 *
 * <p>Only what is named and made like a version is read or deleted. One process at a time.
 *
 * @param model the directory of the model
 */
public record ModelHistory(Path model) {
  private static final Pattern NAME = Pattern.compile("[0-9]{6}-[0-9a-f]{12}");
  private static final int NUMBER = 6; // characters
  private static final int SHORT = 12;

  /** The directory of the earlier versions. */
  public Path directory() throws IOException {
    Path target = AtomicFile.resolveLinks(model);
    return target.resolveSibling(target.getFileName() + ".versions");
  }

  /** The earlier versions, oldest first. */
  public List<Path> versions() throws IOException {
    Path directory = directory();
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(directory)) {
      return entries
          .filter(entry -> NAME.matcher(entry.getFileName().toString()).matches())
          .sorted()
          .toList();
    }
  }

  /**
   * Copies the present model to the earlier versions, and deletes the oldest of them.
   *
   * @param most how many earlier versions are kept, at least 1
   * @throws ModelException if the model is not whole, or something else is among the files of a
   *     version that is to be deleted
   */
  public void keep(int most) throws IOException {
    if (most < 1) {
      throw new IllegalArgumentException("at least 1 version must be kept, not " + most);
    }
    List<Path> versions = versions();
    String version = Model.version(Model.manifest(model));
    if (versions.isEmpty() || !isOf(versions.getLast(), version)) {
      int next = versions.isEmpty() ? 1 : number(versions.getLast()) + 1;
      Path entry = directory()
          .resolve(String.format(Locale.ROOT, "%06d-%s", next, version.substring(0, SHORT)));
      copy(model, entry);
      versions = versions();
    }
    for (Path old : versions.subList(0, Math.max(0, versions.size() - most))) {
      ModelDirectory.delete(old);
    }
  }

  /**
   * Puts a model in the place of the present one, and then deletes it where it was.
   *
   * @param candidate the directory of the new model
   * @throws ModelException if it is not whole; the present one stays then
   */
  public void replace(Path candidate) throws IOException {
    copy(candidate, model);
    ModelDirectory.delete(candidate);
  }

  /**
   * Puts the version before the present one in its place, also where the present one is damaged or
   * missing. The present one is not kept, and another call goes one further back.
   *
   * @return the version that is in place now
   * @throws ModelException if there is no earlier version, or it is not whole; the present one
   *     stays then
   */
  public String rollBack() throws IOException {
    String present = presentVersion();
    List<Path> versions = versions();
    Path last = versions.reversed().stream()
        .filter(version -> !isOf(version, present))
        .findFirst()
        .orElseThrow(() -> new ModelException(
            model, "there is no earlier version of it in " + model.getFileName() + ".versions"));
    copy(last, model);
    for (Path used : versions.subList(versions.indexOf(last), versions.size())) {
      ModelDirectory.delete(used);
    }
    return Model.version(Model.manifest(model));
  }

  /** Empty where there is no present version, or none that can be read. */
  private String presentVersion() throws IOException {
    try {
      return Model.version(Model.manifest(model));
    } catch (ModelException e) {
      return "";
    }
  }

  private static int number(Path version) {
    return Integer.parseInt(version.getFileName().toString().substring(0, NUMBER));
  }

  private static boolean isOf(Path entry, String version) {
    return !version.isEmpty()
        && entry.getFileName().toString().endsWith("-" + version.substring(0, SHORT));
  }

  /** Copies a model, and checks that the copy is whole. */
  private static void copy(Path from, Path to) throws IOException {
    ModelDirectory.replace(to, beside -> {
      Set<String> files = new TreeSet<>(Model.manifest(from).files().keySet());
      files.add(ModelDirectory.MANIFEST);
      for (String file : files) {
        Files.copy(from.resolve(file), beside.resolve(file));
      }
      try {
        Model.ModelHeader copied = Model.open(beside);
        if (!Sha256.of(copied.weights()).equals(copied.version())) {
          throw new ModelException(from.resolve(ModelDirectory.WEIGHTS), Model.CHANGED);
        }
      } catch (ModelException e) {
        throw new ModelException(from, "is not whole, so it is not copied: " + e.getMessage(), e);
      }
    });
  }
}
