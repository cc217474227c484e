package io.attune.cli;

import io.attune.evaluation.Figures;
import io.attune.exchange.OnnxExport;
import io.attune.model.Model;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code attune export}: a model for other programs. */
@Command(
    name = "export",
    description = {
      "Writes a model as an ONNX graph, model.onnx, that maps the rows of a session's clicks to its"
          + " query vector and the scores of all items; the ids of the rows, ids.txt; and a"
          + " README.md that says how they are used."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Attune.Version.class,
    sortOptions = false,
    footerHeading = "%nExample:%n",
    footer = "  attune export --model model --out onnx")
final class ExportCommand implements Callable<Integer> {
  @Spec
  private CommandSpec spec;

  @Option(
      names = "--model",
      paramLabel = "MODEL",
      required = true,
      description = "The model; any but a hierarchical one, and transformers that read times or"
          + " edges, are bidirectional, or halt.")
  @FileUse(FileUse.Kind.READ_MODEL)
  private Path model = Path.of("");

  @Option(
      names = "--out",
      paramLabel = "DIR",
      required = true,
      description = "The directory to write to, which is created.")
  @FileUse(FileUse.Kind.WRITE_DIRECTORY)
  private Path out = Path.of("");

  /** Formats of other programs. */
  enum Format {
    ONNX
  }

  @Option(
      names = "--format",
      paramLabel = "onnx",
      defaultValue = "onnx",
      description = "The format (default: ${DEFAULT-VALUE}).")
  private Format format = Format.ONNX;

  @Override
  public Integer call() throws IOException, CommandFailure {
    Model read = Model.load(model);
    try {
      switch (format) {
        case ONNX -> OnnxExport.write(read, Attune.Version.number(), out);
      }
    } catch (IllegalArgumentException e) {
      throw new CommandFailure(model + ": " + e.getMessage());
    }
    PrintWriter stdout = spec.root().commandLine().getOut();
    stdout.printf(
        "%s: %s and %s of %s%n",
        out, OnnxExport.GRAPH, OnnxExport.IDS, Figures.count(read.vocabulary().size(), "item"));
    stdout.flush();
    return 0;
  }
}
