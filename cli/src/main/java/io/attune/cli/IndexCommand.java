package io.attune.cli;

import io.attune.evaluation.Figures;
import io.attune.lucene.ItemIndex;
import io.attune.serving.ServingModel;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FSDirectory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code attune index}: creates a Lucene index of items with their vectors. */
@Command(
    name = "index",
    description = "Creates a Lucene index of items: id, text fields and item vector.",
    mixinStandardHelpOptions = true,
    versionProvider = Attune.Version.class,
    sortOptions = false,
    footerHeading = "%nExample:%n",
    footer = "  attune index items.tsv --model model --out index")
final class IndexCommand implements Callable<Integer> {
  private static final Pattern UNCOMMITTED =
      Pattern.compile("write\\.lock|pending_segments_.*|_[0-9a-z]+[._].*");

  @Spec
  private CommandSpec spec;

  @Parameters(
      paramLabel = "ITEMS",
      description = "CSV or TSV with a header: a column id (or item_id, sku, ...), and columns of"
          + " text. Plain or compressed.")
  @FileUse(FileUse.Kind.READ_FILE)
  private Path items = Path.of("");

  @Option(
      names = "--model",
      paramLabel = "MODEL",
      required = true,
      description = "The directory of the model.")
  @FileUse(FileUse.Kind.READ_MODEL)
  private Path model = Path.of("");

  @Option(
      names = "--out",
      paramLabel = "INDEX",
      required = true,
      description = "The directory of the index; an index that Attune created there is replaced.")
  @FileUse(FileUse.Kind.WRITE_DIRECTORY)
  private Path out = Path.of("");

  @Override
  public Integer call() throws IOException, CommandFailure {
    requireIndexOrEmpty(out);
    ServingModel served = ServingModel.open(model);
    List<ItemIndex.Item> read = ItemsFile.read(items);
    try (Directory directory = FSDirectory.open(out)) {
      ItemIndex.WriteResult written = ItemIndex.write(directory, read, served);
      PrintWriter stdout = spec.root().commandLine().getOut();
      stdout.printf(
          "index %s: %s, %s with a vector%n",
          out, Figures.count(written.items(), "item"), Figures.count(written.withVector()));
      stdout.flush();
    } catch (IllegalArgumentException e) {
      throw new CommandFailure(items + ": " + e.getMessage());
    }
    return 0;
  }

  /** Whether a file may be left from a run that was stopped before its commit. */
  private static boolean isUncommitted(Path file) {
    return UNCOMMITTED.matcher(String.valueOf(file.getFileName())).matches();
  }

  /** Requires a directory that is empty, does not exist, or holds an index that Attune created. */
  static void requireIndexOrEmpty(Path index) throws IOException, CommandFailure {
    if (!Files.isDirectory(index)) {
      return; // created later
    }
    try (Stream<Path> entries = Files.list(index)) {
      if (entries.allMatch(IndexCommand::isUncommitted)) {
        return;
      }
    }
    try (Directory directory = FSDirectory.open(index)) {
      if (!DirectoryReader.indexExists(directory)) {
        throw new CommandFailure(
            index + ": holds other files and no index; choose another directory");
      }
      if (!ItemIndex.exists(directory)) {
        throw new CommandFailure(index
            + ": holds a Lucene index that attune index did not create; choose another directory,"
            + " or remove this one");
      }
    }
  }
}
