package io.attune.examples.shop;

import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Iterator;
import java.util.stream.Stream;

/**
 * Writes text files beside their target and moves them into place, so that nobody reads half a
 * file.
 */
final class ShopFiles {

  private ShopFiles() {}

  /** Writes a header and lines in UTF-8, each ended by a line feed on every system. */
  static void write(Path target, String header, Stream<String> lines) throws IOException {
    Path absolute = target.toAbsolutePath();
    Path folder = absolute.getParent();
    if (folder == null) {
      throw new IOException("cannot write to " + target + ": it is no file name");
    }
    Files.createDirectories(folder);
    Path part = folder.resolve(absolute.getFileName() + ".part");
    try {
      try (Writer writer = Files.newBufferedWriter(part, StandardCharsets.UTF_8)) {
        writer.append(header).append('\n');
        for (Iterator<String> line = lines.iterator(); line.hasNext(); ) {
          writer.append(line.next()).append('\n');
        }
      }
      moveIntoPlace(part, absolute);
    } finally {
      Files.deleteIfExists(part);
    }
  }

  private static void moveIntoPlace(Path part, Path target) throws IOException {
    try {
      Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) {
      Files.move(part, target, StandardCopyOption.REPLACE_EXISTING);
    }
  }
}
