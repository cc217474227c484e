package io.attune.spark;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/**
 * A folder like that of a Spark distribution, with links to the jars of Spark, from which the
 * processes of a cluster are started.
 */
final class SparkHome {
  /**
   * Jars on the class path of the tests that are not part of Spark: executors must find these
   * classes in the jar of the jobs.
   */
  private static final Pattern OURS = Pattern.compile(
      "/io/attune/|/target/|/picocli|/fastcsv|/junit|/org/junit/|assertj|opentest4j|surefire|failsafe");

  private SparkHome() {}

  /** Creates the folder from the class path of this process. */
  static Path make(Path home) throws IOException {
    Path jars = home.resolve("jars");
    if (Files.isDirectory(jars)) {
      return home;
    }
    Files.createDirectories(jars);
    for (String entry : List.of(System.getProperty("java.class.path").split(File.pathSeparator))) {
      if (entry.endsWith(".jar") && !OURS.matcher(entry).find()) {
        Path jar = Path.of(entry).toAbsolutePath();
        Files.createSymbolicLink(jars.resolve(jar.getFileName()), jar);
      }
    }
    Files.createFile(home.resolve("RELEASE"));
    return home;
  }
}
