package io.attune.cli;

import io.attune.lucene.ItemIndex;
import io.attune.serving.ServingModel;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FSDirectory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code attune index}: a Lucene index of items with their vectors. */
@Command(
    name = "index",
    description = "Makes a Lucene index of items: id, texts, and the model's vector.",
    mixinStandardHelpOptions = true,
    versionProvider = Attune.Version.class,
    sortOptions = false,
    footerHeading = "%nExample:%n",
    footer = "  attune index items.tsv --model model --out index")
final class IndexCommand implements Callable<Integer> {
  @Spec
  private CommandSpec spec;

  @Parameters(
      paramLabel = "ITEMS",
      description = "CSV or TSV with a header: a column id (or item_id, sku, ...), the others"
          + " are texts. Plain or gzip.")
  private Path items = Path.of("");

  @Option(
      names = "--model",
      paramLabel = "MODEL",
      required = true,
      description = "The directory of the model.")
  private Path model = Path.of("");

  @Option(
      names = "--out",
      paramLabel = "INDEX",
      required = true,
      description = "The directory of the index; an index that is there is replaced.")
  private Path out = Path.of("");

  @Override
  public Integer call() throws IOException, CommandFailure {
    List<ItemIndex.Item> read = ItemsFile.read(items);
    ServingModel served = ServingModel.open(model);
    try (Directory directory = FSDirectory.open(out)) {
      requireIndexOrEmpty(directory);
      ItemIndex.Written written = ItemIndex.write(directory, read, served);
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

  private void requireIndexOrEmpty(Directory directory) throws IOException, CommandFailure {
    if (DirectoryReader.indexExists(directory)) {
      return;
    }
    try (Stream<Path> entries = Files.list(out)) {
      if (entries.findAny().isPresent()) {
        throw new CommandFailure(out + ": holds other files and no index; name a new directory");
      }
    }
  }
}
