package io.attune.opensearch.cluster;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/**
 * The files that a node is installed from.
 *
 * @param folder with {@code lib/}, {@code transport/} and {@code agent/}, as assembled by the build
 * @param plugin the plugin's zip
 */
public record ServerFiles(Path folder, Path plugin) {

  public ServerFiles {
    folder = folder.toAbsolutePath().normalize(); // a node has a working directory of its own
    if (!Files.isDirectory(folder.resolve("lib")) || !Files.isRegularFile(plugin)) {
      throw new IllegalArgumentException("no server in " + folder + " or no plugin at " + plugin
          + "; build them first: mvn -Pengines -DskipTests package");
    }
  }

  /** Installs a node's home directory, with the transport as a module and the plugin unpacked. */
  void install(Path home) throws IOException {
    for (String name : List.of("config/attune", "data", "logs", "tmp", "plugins/attune")) {
      Files.createDirectories(home.resolve(name));
    }
    Path module = Files.createDirectories(home.resolve("modules/transport-netty4"));
    try (Stream<Path> jars = Files.list(folder.resolve("transport"))) {
      for (Path jar : jars.toList()) {
        Files.copy(jar, module.resolve(jar.getFileName()));
      }
    }
    for (String name : List.of("plugin-descriptor.properties", "plugin-security.policy")) {
      copyResource(name, module.resolve(name));
    }
    copyResource("log4j2.properties", home.resolve("config/log4j2.properties"));
    unzip(plugin, home.resolve("plugins/attune"));
  }

  private static void copyResource(String name, Path target) throws IOException {
    try (InputStream in = ServerFiles.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IOException("the resource " + name + " is missing");
      }
      Files.copy(in, target);
    }
  }

  private static void unzip(Path zip, Path folder) throws IOException {
    try (ZipInputStream in = new ZipInputStream(Files.newInputStream(zip))) {
      for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
        Path target = folder.resolve(entry.getName()).normalize();
        if (!target.startsWith(folder)) {
          throw new IOException(zip + " contains " + entry.getName() + ", outside its directory");
        }
        if (!entry.isDirectory()) {
          Files.copy(in, target);
        }
      }
    }
  }
}
