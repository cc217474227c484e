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
 * What servers are made of.
 *
 * @param folder with {@code lib/}, {@code transport/} and {@code agent/}, as the build fills it
 * @param plugin the zip to install
 */
public record ServerFiles(Path folder, Path plugin) {

  public ServerFiles {
    folder = folder.toAbsolutePath().normalize(); // a node runs in a folder of its own
    if (!Files.isDirectory(folder.resolve("lib")) || !Files.isRegularFile(plugin)) {
      throw new IllegalArgumentException("there is no server in " + folder + " or no plugin at "
          + plugin + "; build them first: mvn -Pengines -DskipTests package");
    }
  }

  /** Lays out the home of a node: the transport as a module, the plugin unpacked. */
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
          throw new IOException(zip + " holds " + entry.getName() + ", outside of its folder");
        }
        if (!entry.isDirectory()) {
          Files.copy(in, target);
        }
      }
    }
  }
}
