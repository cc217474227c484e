package io.attune.examples.shop;

import io.attune.model.AtomicFile;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
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
    AtomicFile.replace(target, beside -> {
      try (Writer writer = Files.newBufferedWriter(beside, StandardCharsets.UTF_8)) {
        writer.append(header).append('\n');
        for (Iterator<String> line = lines.iterator(); line.hasNext(); ) {
          writer.append(line.next()).append('\n');
        }
      }
    });
  }
}
