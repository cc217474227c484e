package io.attune.cli;

import io.attune.cli.BlendStudy.Row;
import io.attune.evaluation.Difference;
import io.attune.evaluation.Figures;
import io.attune.experiment.PositionBias;
import io.attune.experiment.QueryExperiment;
import io.attune.lucene.Blend;
import io.attune.report.TextTable;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The figures of a {@link BlendStudy} as a table and as JSON.
 *
 * @param baselines names of the baselines
 * @param real whether the queries are those of visitors, of which many words count as one group
 * @param shown whether what was shown is re-ranked, rather than hits of words
 */
record BlendTable(List<String> baselines, boolean real, boolean shown) {
  private static final String UNCLICKED = "items without clicks";

  /** The figures of a row, by name. */
  static Map<String, Double> figures(Row row) {
    Map<String, Double> figures = new LinkedHashMap<>();
    figures.put("words", row.byWords().value());
    figures.put("session", row.bySession().value());
    figures.put("fixed", row.fixed().value());
    figures.put("learned", row.learned().value());
    figures.put("unrelated", row.byWords().value() + row.unrelated().mean());
    return figures;
  }

  /** The figures of all rows; the list as shown has the name {@code shown}. */
  Map<String, Object> tree(BlendStudy.Result result) {
    Map<String, Object> tree = new LinkedHashMap<>();
    for (Row row : result.rows()) {
      Map<String, Double> figures = figures(row);
      if (shown) {
        figures.put("shown", row.byWords().value());
        figures.remove("words");
        figures.put("uncorrected", row.uncorrected().value());
      }
      for (int i = 0; i < baselines.size(); i++) {
        figures.put(baselines.get(i), row.baselines().get(i).value());
      }
      tree.put(name(row), figures);
    }
    if (result.unclicked() != null) {
      tree.put(UNCLICKED, figures(result.unclicked()));
    }
    return tree;
  }

  private String name(Row row) {
    if (row.corrected()) {
      return "all, corrected for positions";
    }
    return switch (row.words()) {
      case 0 -> "all";
      case 1 -> "1 word";
      default ->
        row.words()
            + (real && row.words() == QueryExperiment.MAX_WORDS ? " words or more" : " words");
    };
  }

  /** Prints the table. */
  void print(PrintWriter stdout, String what, BlendStudy.Result result) {
    stdout.printf(
        "%s, in percent, with 95 %% intervals; learned from %s%n%n",
        what, Figures.count(result.learnedFrom(), "query", "queries"));
    List<String> header =
        new ArrayList<>(List.of("", "queries", shown ? "as shown" : "words", "session"));
    header.addAll(baselines);
    header.addAll(List.of("best fixed weight", "", "learned", "gain", "unrelated"));
    TextTable table = new TextTable(header);
    result.rows().forEach(row -> table.add(cells(name(row), row)));
    if (result.unclicked() != null) {
      table.add(cells(UNCLICKED, result.unclicked()));
    }
    table.lines().forEach(stdout::println);
    remarks(stdout, result);
    stdout.flush();
  }

  private static List<String> cells(String name, Row row) {
    List<String> cells = new ArrayList<>(
        List.of(name, Figures.count(row.queries()), text(row.byWords()), text(row.bySession())));
    row.baselines().forEach(mean -> cells.add(text(mean)));
    cells.addAll(List.of(
        text(row.fixed()),
        weight(row.best()),
        text(row.learned()),
        text(row.gain()),
        text(row.unrelated())));
    return cells;
  }

  private void remarks(PrintWriter stdout, BlendStudy.Result result) {
    String first = shown ? "the list as shown" : "words alone";
    stdout.printf(
        "%ngain: of the learned blend over the best fixed weight of the row, chosen like the blend on"
            + " other queries%nunrelated: what the learned blend changes, against %s, where the"
            + " session is another visitor's%n",
        first);
    Row all = result.rows().getLast();
    if (all.corrected()) {
      stdout.printf(
          "Learned without the correction of positions, the blend would have %s as clicked, and %s"
              + " corrected%n",
          text(result.rows().get(result.rows().size() - 2).uncorrected()), text(all.uncorrected()));
    }
    if (result.unrelatedWeight() > 0) {
      stdout.printf(
          Locale.ROOT,
          "Learned from unrelated sessions too (weight %.2f), so that these do no harm; this changes"
              + " visitors' own searches by %s%n",
          result.unrelatedWeight(),
          text(all.cost()));
    }
    // Clicks as they were made reward a list for its positions: there the corrected row decides.
    if (result.rows().stream()
        .filter(row -> row.corrected() == all.corrected())
        .anyMatch(row -> row.unrelated().mean() < -BlendStudy.HARMLESS)) {
      stdout.printf(
          Locale.ROOT,
          "An unrelated session costs more than %.1f in a row above%n",
          100 * BlendStudy.HARMLESS);
    }
  }

  /** Prints how likely positions are looked at, and what that is good for. */
  static void printPositions(PrintWriter stdout, PositionBias positions) {
    String examination = IntStream.range(0, Math.min(10, positions.positions()))
        .mapToObj(place -> Figures.decimal(positions.examination(place), 2))
        .collect(Collectors.joining(" "));
    stdout.printf(
        "Positions are looked at by %s … of those who look at the first, from %s on hits that moved;"
            + " the blend was learned with that, and a click of the corrected row counts by its"
            + " inverse%n",
        examination, Figures.count(positions.compared(), "click"));
    stdout.flush();
  }

  private static String text(BlendStudy.Mean mean) {
    return Figures.percent(mean.value()) + " ± "
        + Figures.percent(mean.interval().halfWidth());
  }

  private static String text(Difference difference) {
    return (difference.mean() < 0 ? "" : "+") + Figures.percent(difference.mean()) + " ± "
        + Figures.percent(difference.interval().halfWidth());
  }

  private static String weight(Blend blend) {
    return switch (blend) {
      case Blend.Weighted weighted ->
        String.format(
            Locale.ROOT,
            "%s %.1f",
            weighted.normalization() == Blend.Normalization.Z_SCORE ? "z-score" : "min-max",
            weighted.weight());
      case Blend.ReciprocalRankFusion fusion ->
        String.format(Locale.ROOT, "rrf %.1f", fusion.weight());
      case Blend.Replace replace -> "replace";
      case Blend.Learned learned -> "learned";
    };
  }
}
