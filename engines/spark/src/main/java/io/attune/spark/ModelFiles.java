package io.attune.spark;

import io.attune.saved.SavedModel;
import java.io.IOException;
import java.io.OutputStream;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.spark.SparkContext;
import org.apache.spark.SparkFiles;
import org.apache.spark.sql.SparkSession;
import scala.jdk.javaapi.CollectionConverters;

/**
 * A model's directory on its way to the executors: in one process it is used where it lies, others
 * fetch it once as an archive and unpack it.
 *
 * @param version what tells the model from others
 * @param place its directory, or the name of the archive
 * @param archived whether it is an archive
 */
public record ModelFiles(String version, String place, boolean archived) implements Serializable {

  /**
   * Checks a model and makes it known to all executors.
   *
   * @param address a path, or an address that Hadoop knows, such as {@code hdfs://…}
   * @throws io.attune.model.ModelException when it is missing, truncated, foreign, of a newer
   *     format, or cannot be used click by click
   */
  public static ModelFiles of(SparkSession spark, String address) throws IOException {
    SparkContext context = spark.sparkContext();
    Path directory = local(context, address);
    String version;
    try (SavedModel model = SavedModel.openPlain(directory, "model")) {
      version = model.version();
    }
    if (context.isLocal()) {
      return new ModelFiles(version, directory.toAbsolutePath().toString(), false);
    }
    String letters = version.replaceAll("[^0-9a-zA-Z]", "");
    String name = "attune-model-" + letters.substring(Math.max(0, letters.length() - 16));
    List<String> known = CollectionConverters.asJava(context.listArchives());
    if (known.stream().noneMatch(each -> each.endsWith(name))) {
      Path archive = Files.createTempDirectory("attune").resolve(name + ".zip");
      pack(directory, archive);
      context.addArchive(archive.toUri() + "#" + name);
    }
    return new ModelFiles(version, name, true);
  }

  /** Where the model lies for the calling process. */
  Path directory() {
    return archived ? Path.of(SparkFiles.get(place)) : Path.of(place);
  }

  private static Path local(SparkContext context, String address) throws IOException {
    org.apache.hadoop.fs.Path remote = new org.apache.hadoop.fs.Path(address);
    String scheme = remote.toUri().getScheme();
    if (scheme == null) {
      return Path.of(address);
    }
    if (scheme.equals("file")) {
      return Path.of(remote.toUri().getPath());
    }
    Path copy = Files.createTempDirectory("attune").resolve("model");
    FileSystem files = remote.getFileSystem(context.hadoopConfiguration());
    files.copyToLocalFile(false, remote, new org.apache.hadoop.fs.Path(copy.toUri()), true);
    return copy;
  }

  /** Stored, not deflated: weights do not become smaller, and unpacking is a copy. */
  private static void pack(Path directory, Path archive) throws IOException {
    try (OutputStream out = Files.newOutputStream(archive);
        ZipOutputStream zip = new ZipOutputStream(out);
        Stream<Path> files = Files.list(directory)) {
      zip.setLevel(0);
      for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
        zip.putNextEntry(new ZipEntry(file.getFileName().toString()));
        Files.copy(file, zip);
        zip.closeEntry();
      }
    }
  }
}
