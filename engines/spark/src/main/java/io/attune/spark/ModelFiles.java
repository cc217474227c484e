package io.attune.spark;

import io.attune.evaluation.Figures;
import io.attune.model.ModelException;
import io.attune.saved.SavedModel;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serial;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.spark.SparkContext;
import org.apache.spark.SparkFiles;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;

/**
 * The files of a model, distributed to the executors. In local mode the model's directory is used
 * directly. Otherwise the files are broadcast in pieces; each executor writes them into its working
 * directory once and opens the model from there.
 *
 * <p>Archives that are added to a SparkContext are not used, since tasks of Dataset operations were
 * seen to start without them.
 */
public final class ModelFiles implements Serializable {
  @Serial
  private static final long serialVersionUID = 1;

  /** Small enough for any heap, and large enough for models of gigabytes. */
  private static final int PIECE_BYTES = 32 << 20;

  private final String version;
  private final String examples;
  private final @Nullable String local;
  private final Piece[] pieces;

  /** A part of a file; the parts of a file are in order. */
  private record Piece(String file, Broadcast<byte[]> bytes) implements Serializable {}

  private ModelFiles(String version, String examples, @Nullable String local, Piece... pieces) {
    this.version = version;
    this.examples = examples;
    this.local = local;
    this.pieces = pieces.clone();
  }

  /**
   * Checks a model and distributes it to the executors.
   *
   * @param address a path, or an address of a file system of Hadoop, such as {@code hdfs://…}
   * @throws ModelException if there is no model, it is truncated or of a newer format, or it cannot
   *     be served incrementally
   */
  public static ModelFiles of(SparkSession spark, String address) throws IOException {
    SparkContext context = spark.sparkContext();
    Path directory = local(context, address);
    String version;
    String examples;
    try (SavedModel model = SavedModel.openIncremental(directory, "model")) {
      version = model.version();
      examples = Figures.examples(model.vocabulary().ids());
    }
    if (context.isLocal()) {
      return new ModelFiles(version, examples, directory.toAbsolutePath().toString());
    }
    return new ModelFiles(version, examples, null, broadcast(directory, context));
  }

  /** The model's version. */
  String version() {
    return version;
  }

  /** Examples of the items that the model knows. */
  String examples() {
    return examples;
  }

  /** The model's directory in the calling process; not thread-safe. */
  Path directory() throws IOException {
    if (local != null) {
      return Path.of(local);
    }
    String letters = version.replaceAll("[^0-9a-zA-Z]", "");
    Path directory = Path.of(SparkFiles.getRootDirectory())
        .resolve("attune-model-" + letters.substring(Math.max(0, letters.length() - 16)));
    if (!Files.isDirectory(directory)) {
      Path beside = Files.createTempDirectory(directory.getParent(), "attune-model");
      for (Piece piece : pieces) {
        Files.write(
            beside.resolve(piece.file),
            piece.bytes.value(),
            StandardOpenOption.CREATE,
            StandardOpenOption.APPEND);
      }
      Files.move(beside, directory, StandardCopyOption.ATOMIC_MOVE);
    }
    return directory;
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
    FileSystem files = remote.getFileSystem(context.hadoopConfiguration());
    if (!files.exists(remote)) {
      throw new ModelException(Path.of(address), "no such model");
    }
    Path copy = Files.createTempDirectory("attune").resolve("model");
    files.copyToLocalFile(false, remote, new org.apache.hadoop.fs.Path(copy.toUri()), true);
    return copy;
  }

  private static Piece[] broadcast(Path directory, SparkContext context) throws IOException {
    JavaSparkContext sender = JavaSparkContext.fromSparkContext(context);
    List<Piece> pieces = new ArrayList<>();
    List<Path> files;
    try (Stream<Path> all = Files.list(directory)) {
      files = all.filter(Files::isRegularFile).sorted().toList();
    }
    for (Path file : files) {
      try (InputStream in = Files.newInputStream(file)) {
        for (byte[] piece = in.readNBytes(PIECE_BYTES);
            piece.length > 0;
            piece = in.readNBytes(PIECE_BYTES)) {
          pieces.add(new Piece(file.getFileName().toString(), sender.broadcast(piece)));
        }
      }
    }
    return pieces.toArray(Piece[]::new);
  }
}
