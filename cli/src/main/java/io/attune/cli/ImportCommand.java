package io.attune.cli;

import io.attune.evaluation.Figures;
import io.attune.exchange.ImportedVectors;
import io.attune.exchange.VectorReader;
import io.attune.log.TextFile;
import io.attune.model.Model;
import io.attune.model.Similarity;
import io.attune.session.Holdout;
import io.attune.session.Sessions;
import io.attune.training.Calibration;
import io.attune.vector.NotFiniteException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code attune import}: a model from item vectors that were trained elsewhere. */
@Command(
    name = "import",
    description = {
      "Makes a model of item vectors that were trained elsewhere: safetensors, NumPy's .npy, or the"
          + " text form of word2vec, which is found by looking. A session's vector is the mean of"
          + " its clicked items' vectors. With click logs, clicks are counted, and the correction of"
          + " clicked items is learned, as train does it."
    },
    customSynopsis = "attune import VECTORS --out MODEL [--ids FILE] [OPTION]... [LOG...]",
    mixinStandardHelpOptions = true,
    versionProvider = Attune.Version.class,
    sortOptions = false,
    footerHeading = "%nExamples:%n",
    footer = {
      "  attune import item2vec.txt.gz --out model",
      "  attune import vectors.npy --ids ids.txt --out model --readout last-click",
      "  attune import vectors.npy --ids ids.txt --out model clicks.csv.gz --holdout 7d"
    })
final class ImportCommand implements Callable<Integer> {
  /** As in the presets, so that scores have the range of other models'. */
  private static final float SCALE = 16;

  private static final int MEAN_CLICKS = 50;

  @Spec
  private CommandSpec spec;

  @Parameters(
      index = "0",
      paramLabel = "VECTORS",
      hideParamSyntax = true,
      description = "The item vectors. Text may be compressed with gzip or zstd.")
  @FileUse(FileUse.Kind.READ_FILE)
  private Path vectors = Path.of("");

  @Option(
      names = "--out",
      paramLabel = "MODEL",
      required = true,
      description = "The directory of the new model.")
  @FileUse(FileUse.Kind.WRITE_MODEL)
  private Path out = Path.of("");

  @Option(
      names = "--ids",
      paramLabel = "FILE",
      description = "The ids of the items of an array, one a line, in the order of its rows.")
  @FileUse(FileUse.Kind.READ_FILE)
  private @Nullable Path ids;

  @Option(
      names = "--tensor",
      paramLabel = "NAME",
      description = "Which tensor of a safetensors file has the vectors, if several have two"
          + " dimensions.")
  private @Nullable String tensor;

  /** How clicks make a query vector. */
  enum Readout {
    MEAN("mean", MEAN_CLICKS),
    LAST_CLICK("last-click", 1);

    private final String label;
    private final int clicks;

    Readout(String label, int clicks) {
      this.label = label;
      this.clicks = clicks;
    }

    @Override
    public String toString() {
      return label;
    }
  }

  @Option(
      names = "--readout",
      paramLabel = "mean|last-click",
      defaultValue = "mean",
      description = "What makes a session's vector: the mean of its last " + MEAN_CLICKS
          + " clicks' vectors, or the last click's vector (default: ${DEFAULT-VALUE}).")
  private Readout readout = Readout.MEAN;

  /** How vectors are compared. */
  enum Measure {
    COSINE("cosine"),
    INNER_PRODUCT("inner-product");

    private final String label;

    Measure(String label) {
      this.label = label;
    }

    private Similarity similarity() {
      return this == COSINE ? Similarity.cosine(SCALE) : Similarity.innerProduct();
    }

    @Override
    public String toString() {
      return label;
    }
  }

  @Option(
      names = "--similarity",
      paramLabel = "cosine|inner-product",
      defaultValue = "cosine",
      description =
          "How vectors are compared: by cosine, as those of word2vec, or by inner product,"
              + " as those of a matrix factorization (default: ${DEFAULT-VALUE}).")
  private Measure similarity = Measure.COSINE;

  @Option(
      names = "--holdout",
      paramLabel = "none|7d|12h|last-click",
      defaultValue = "none",
      description = "What of the logs not to learn from: nothing, the last days or hours, or each"
          + " session's last click (default: ${DEFAULT-VALUE}).")
  private Holdout holdout = new Holdout.None();

  @Mixin
  private DeviceMixin device;

  @Mixin
  private LogMixin log;

  @Override
  public Integer call() throws IOException, CommandFailure {
    // The logs begin with the vectors, which stand before them.
    List<Path> logs = log.logs().subList(1, log.logs().size());
    if (logs.isEmpty() && !(holdout instanceof Holdout.None)) {
      throw WrongUsage.of(spec, "--holdout holds out clicks of a LOG: name one, or omit it");
    }
    Model.requireWritable(out);
    Console console = Console.of(spec);
    long start = console.nanoTime().getAsLong();
    ImportedVectors read = new VectorReader(
            vectors,
            TextFile::open,
            share -> console.state(() -> String.format(
                Locale.ROOT, "reading %s%2.0f %%, %s", console.bar(share), 100 * share, vectors)))
        .ids(ids)
        .tensor(tensor)
        .read();
    console.line("read %s of %s: %s, %s"
        .formatted(
            Figures.count(read.vocabulary().size(), "vector"),
            Figures.count(read.dimension(), "element"),
            read.origin().format(),
            Figures.seconds(console.since(start))));
    read.leftOut().forEach(each -> console.line("left out: " + each));
    Model model = model(read);
    if (!logs.isEmpty()) {
      model = calibrated(model, logs, console);
    }
    model.save(out);
    PrintWriter stdout = spec.root().commandLine().getOut();
    stdout.printf(
        "model %s: %s of %s, compared by %s%n",
        out,
        readout == Readout.MEAN ? "the mean of the clicks" : "the last click",
        Figures.count(read.vocabulary().size(), "item"),
        similarity.label.replace('-', ' '));
    stdout.flush();
    return 0;
  }

  private Model model(ImportedVectors read) throws CommandFailure {
    try {
      return read.model(similarity.similarity(), readout.clicks, Attune.Version.number());
    } catch (IllegalArgumentException e) {
      throw new CommandFailure(vectors + ": " + e.getMessage() + " (--similarity inner-product)");
    }
  }

  private Model calibrated(Model model, List<Path> logs, Console console)
      throws IOException, CommandFailure {
    Sessions sessions = log.load(logs, console).sessions();
    Calibration calibration;
    try {
      calibration = Calibration.of(model, sessions, holdout, device.device());
    } catch (IllegalArgumentException | NotFiniteException e) {
      throw new CommandFailure(e);
    }
    console.line("counted %s in %s; %s of the log without a vector"
        .formatted(
            Figures.count(calibration.clicks(), "click"),
            Figures.count(calibration.model().manifest().provenance().sessions(), "session"),
            Figures.count(calibration.unknown(), "item")));
    new TrainingProgress(console, "").onClicked(calibration.gain());
    return calibration.model();
  }
}
