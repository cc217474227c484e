package io.attune.cli;

import io.attune.incremental.AttentionHead;
import io.attune.incremental.SessionState;
import io.attune.lucene.ItemIndex;
import io.attune.model.Model;
import io.attune.report.AttentionPage;
import io.attune.serving.Click;
import io.attune.serving.PreferredItems;
import io.attune.serving.ServingModel;
import io.attune.serving.SessionVector;
import io.attune.session.Vocabulary;
import io.attune.vector.ItemVectors;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code attune explain}: shows the attention on the clicks of a session. */
@Command(
    name = "explain",
    description = "Shows the attention on each click of a session, and the items it recommends.",
    mixinStandardHelpOptions = true,
    versionProvider = Attune.Version.class,
    sortOptions = false,
    footerHeading = "%nExample:%n",
    footer =
        "  attune explain --model model --session 4711,12,993 --items items.tsv --html why.html")
final class ExplainCommand implements Callable<Integer> {
  private static final int BAR_WIDTH = 40;
  private static final int TRIED = 2000;
  private static final int PREFERRED = 5;

  @Spec
  private CommandSpec spec;

  @Mixin
  private SessionMixin session;

  @Option(
      names = "--items",
      paramLabel = "ITEMS",
      description = "A file of items, as for attune index, to show their titles.")
  @FileUse(FileUse.Kind.READ_FILE)
  private @Nullable Path items;

  @Option(
      names = "--top",
      paramLabel = "N",
      defaultValue = "5",
      description = "Number of items to recommend (default: ${DEFAULT-VALUE}).")
  @Bounds(min = 1, max = 10_000)
  private int top;

  @Option(
      names = "--html",
      paramLabel = "FILE",
      description =
          "Also write an HTML page with heat maps of the attention after each click, in total and"
              + " per head, and with the items that each head prefers of the 2,000 that were clicked"
              + " most.")
  @FileUse(FileUse.Kind.WRITE_FILE)
  private @Nullable Path html;

  @Override
  public Integer call() throws IOException, CommandFailure {
    Map<String, String> titles = titles();
    Model.ModelHeader header = session.header();
    ServingModel model = session.model(header);
    SessionVector vector = session.vector(model, Console.of(spec));
    if (vector.isEmpty()) {
      throw new CommandFailure(
          "the model knows none of the clicks, so there is nothing to explain");
    }
    PrintWriter stdout = spec.root().commandLine().getOut();
    float[] visits = vector.visitShares();
    stdout.println("Attention on the " + (visits.length > 1 ? "visits and their " : "")
        + "clicks, oldest first:");
    for (int i = 0; i < vector.clicks().length; i++) {
      int visit = vector.visits()[i];
      if (visits.length > 1 && (i == 0 || visit != vector.visits()[i - 1])) {
        stdout.printf(
            Locale.ROOT,
            "  visit %d of %d: %.0f %%%n",
            visit + 1,
            visits.length,
            100 * visits[visit]);
      }
      float share = vector.attention()[i];
      stdout.printf(
          Locale.ROOT,
          "  %3.0f %%  %-" + BAR_WIDTH + "s  %s%n",
          100 * share,
          "#".repeat(Math.round(share * BAR_WIDTH)),
          name(model.vocabulary(), vector.clicks()[i], titles));
    }
    List<AttentionPage.Step> steps = steps(model);
    printHeads(steps.getLast(), row -> name(model.vocabulary(), row, titles), stdout);
    stdout.println("Recommended items:");
    ItemVectors.Top best =
        vector.clicked().top(model.items(), vector.query(), top, row -> true, model.items()::top);
    List<String> recommended = new ArrayList<>();
    for (int i = 0; i < best.rows().length; i++) {
      int row = best.rows()[i];
      String name = name(model.vocabulary(), row, titles);
      String parts =
          (model.texts() != null && model.texts().isFromWords(row) ? ", from its words alone" : "")
              + parts(model, vector, row);
      recommended.add(name + parts);
      stdout.printf(Locale.ROOT, "  %2d. %s  %.3f%s%n", i + 1, name, best.scores()[i], parts);
    }
    stdout.flush();
    if (html != null) {
      AttentionPage.write(
          steps,
          PreferredItems.of(model, session.clicks(), mostClicked(header.counts()), PREFERRED),
          recommended,
          row -> name(model.vocabulary(), row, titles),
          html);
      Console.of(spec).line("wrote " + html);
    }
    return 0;
  }

  /** What a score includes beside what the encoder says of session and item; empty if nothing. */
  private String parts(ServingModel model, SessionVector vector, int row) {
    List<String> parts = new ArrayList<>();
    float drift = model.drift(row);
    if (drift != 0) {
      parts.add(String.format(Locale.ROOT, "%+.3f for popularity drift", drift));
    }
    if (vector.clicked().contains(row)) {
      parts.add(String.format(
          Locale.ROOT,
          "%+.3f for a clicked item (%s)",
          vector.clicked().of(row),
          vector.clicked().describe(row)));
    }
    return parts.isEmpty() ? "" : ", including " + String.join(" and ", parts);
  }

  /** Prints a column for each head, if there are several. */
  private static void printHeads(
      AttentionPage.Step last, IntFunction<String> name, PrintWriter stdout) {
    List<AttentionHead> heads = last.heads();
    if (heads.size() < 2) {
      return;
    }
    stdout.println("Attention of each head after the last click, by layer and head:");
    heads.forEach(head -> stdout.printf("%7s", head.layer() + "/" + head.head()));
    stdout.println();
    for (int i = 0; i < last.vector().clicks().length; i++) {
      for (AttentionHead head : heads) {
        stdout.printf(Locale.ROOT, "  %3.0f %%", 100 * head.shares()[i]);
      }
      stdout.println("  " + name.apply(last.vector().clicks()[i]));
    }
  }

  /** The session after each of its known clicks. */
  private List<AttentionPage.Step> steps(ServingModel model) {
    List<AttentionPage.Step> steps = new ArrayList<>();
    SessionState state = model.encoder().start();
    for (Click click : session.clicks()) {
      int before = state.clicks();
      model.advance(state, click);
      if (state.clicks() > before) {
        SessionVector vector = model.vector(state);
        steps.add(new AttentionPage.Step(vector, model.encoder().heads(state)));
      }
    }
    return steps;
  }

  /** The rows of the items that were clicked most. */
  private static int[] mostClicked(long[] counts) {
    return IntStream.range(0, counts.length)
        .boxed()
        .sorted(Comparator.comparingLong(i -> -counts[i]))
        .limit(TRIED)
        .mapToInt(i -> i + 1)
        .toArray();
  }

  private static String name(Vocabulary vocabulary, int row, Map<String, String> titles) {
    String id = vocabulary.id(row);
    String title = titles.get(id);
    return title == null ? id : id + "  " + title;
  }

  /** The first text of each item, by id. */
  private Map<String, String> titles() throws IOException, CommandFailure {
    Map<String, String> titles = new HashMap<>();
    if (items != null) {
      for (ItemIndex.Item item : ItemsFile.read(items)) {
        item.texts().values().stream().findFirst().ifPresent(text -> titles.put(item.id(), text));
      }
    }
    return titles;
  }
}
