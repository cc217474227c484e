package io.attune.report;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.attune.model.AtomicFile;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Writes values as indented JSON.
 *
 * <p>Internal: shared with the command line.
 */
public final class JsonFile {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private JsonFile() {}

  /** Writes a value, replacing the file atomically. */
  public static void write(Path file, Object value) throws IOException {
    AtomicFile.replace(
        file,
        temporary -> JSON.writerWithDefaultPrettyPrinter().writeValue(temporary.toFile(), value));
  }
}
