package io.attune.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * What can be seen of a model's files without reading them: if it is the same, so is the model.
 *
 * @param files name, size, time of change and identity of each
 */
record ModelFiles(Set<String> files) {

  /** Looks at a directory; a symbolic link is followed. */
  static ModelFiles of(Path directory) throws IOException {
    Set<String> files = new TreeSet<>();
    try (Stream<Path> entries = Files.list(directory)) {
      for (Path file : entries.toList()) {
        BasicFileAttributes seen = Files.readAttributes(file, BasicFileAttributes.class);
        FileTime changed = seen.lastModifiedTime();
        files.add(file.getFileName() + " " + seen.size() + " " + changed + " " + seen.fileKey());
      }
    } catch (NoSuchFileException | NotDirectoryException e) {
      return new ModelFiles(Set.of()); // being replaced
    }
    return new ModelFiles(files);
  }

  boolean isEmpty() {
    return files.isEmpty();
  }
}
