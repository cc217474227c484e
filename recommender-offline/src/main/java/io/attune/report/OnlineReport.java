package io.attune.report;

import static j2html.TagCreator.div;
import static j2html.TagCreator.each;
import static j2html.TagCreator.h2;
import static j2html.TagCreator.li;
import static j2html.TagCreator.p;
import static j2html.TagCreator.table;
import static j2html.TagCreator.tbody;
import static j2html.TagCreator.td;
import static j2html.TagCreator.th;
import static j2html.TagCreator.thead;
import static j2html.TagCreator.tr;
import static j2html.TagCreator.ul;

import io.attune.evaluation.Figures;
import io.attune.evaluation.Interval;
import io.attune.model.AtomicFile;
import io.attune.online.InterleavedSearches;
import io.attune.online.OnlineComparison;
import io.attune.online.OnlineComparison.Outcome;
import io.attune.online.OnlineComparison.SampleRatio;
import io.attune.online.OnlineComparison.Share;
import io.attune.online.OnlineComparison.Slice;
import j2html.tags.DomContent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** An online comparison as text, as JSON, and as a page that loads nothing and runs no script. */
public final class OnlineReport {
  private OnlineReport() {}

  /** The lines for a terminal, with the verdict first. */
  public static List<String> lines(OnlineComparison comparison) {
    List<String> lines = new ArrayList<>();
    lines.add(verdict(comparison));
    lines.add("");
    lines.add(scope(comparison.searches()));
    lines.add(evidence(comparison));
    lines.add(ratio(comparison));
    comparison.searches().notes().forEach((what, often) -> lines.add(note(what, often)));
    lines.addAll(slices(comparison, "position", comparison.positions()));
    lines.addAll(slices(comparison, "device", comparison.devices()));
    return lines;
  }

  private static String a(OnlineComparison comparison) {
    return comparison.searches().rankings().getFirst();
  }

  private static String b(OnlineComparison comparison) {
    return comparison.searches().rankings().getLast();
  }

  /** Who wins, or why nobody does. */
  public static String verdict(OnlineComparison comparison) {
    Share all = comparison.all();
    return switch (comparison.outcome()) {
      case A ->
        a(comparison) + " wins: it has " + share(1 - all.ofB()) + " of "
            + Figures.count(all.clicks(), "credited click");
      case B ->
        b(comparison) + " wins: it has " + share(all.ofB()) + " of "
            + Figures.count(all.clicks(), "credited click");
      case UNRELIABLE ->
        "nobody wins: the sample ratio is off, so events are missing or doubled, and no share can be"
            + " trusted";
      case UNDECIDED ->
        all.clicks() == 0
            ? "not decided yet: no click counts for one of the rankings"
            : "not decided yet: " + b(comparison) + " has " + share(all.ofB()) + " of "
                + Figures.count(all.clicks(), "credited click") + "; " + left(comparison);
    };
  }

  private static String left(OnlineComparison comparison) {
    if (comparison.daysLeft().isPresent()) {
      double days = comparison.daysLeft().getAsDouble();
      String text =
          days < 1 ? "less than a day" : Figures.count((long) Math.ceil(days), "more day");
      return "at this rate and with this share, about " + text;
    }
    Duration time =
        Duration.between(comparison.searches().from(), comparison.searches().to());
    return comparison.all().sessions() < OnlineComparison.MIN_SESSIONS || time.toHours() < 1
        ? "too little to say how long it will take"
        : "no end is in sight, since the rankings hardly differ";
  }

  private static String scope(InterleavedSearches searches) {
    String models = searches.models() > 1
        ? "; the model changed meanwhile, " + searches.models() + " versions"
        : "";
    return String.format(
        Locale.ROOT,
        "%s, %s of them with hits of both teams, from %s to %s%s",
        Figures.count(searches.searches(), "interleaved search", "interleaved searches"),
        Figures.count(searches.contested()),
        searches.from(),
        searches.to(),
        models);
  }

  private static String evidence(OnlineComparison comparison) {
    Share all = comparison.all();
    if (all.clicks() == 0) {
      return "no credited clicks";
    }
    String single = chance(comparison.pValue()) + " in a single look that was planned";
    String any = chance(comparison.anytimePValue()) + " however often it was looked at";
    return String.format(
        Locale.ROOT,
        "%s: %s, 95 %% interval %s to %s over %s; p %s (which decides), %s",
        b(comparison),
        share(all.ofB()),
        Figures.decimal(100 * all.interval().low(), 1),
        share(all.interval().high()),
        Figures.count(all.sessions(), "session"),
        comparison.isSingleLook() ? single : any,
        comparison.isSingleLook() ? any : single);
  }

  private static String ratio(OnlineComparison comparison) {
    SampleRatio ratio = comparison.ratio();
    long draws = ratio.firstOfA() + ratio.firstOfB();
    if (draws == 0) {
      return "sample ratio: no draws";
    }
    return String.format(
        Locale.ROOT,
        "sample ratio: %s chose first in %s of %s draws, %s, %s (chi-square %s, p %s)",
        a(comparison),
        Figures.count(ratio.firstOfA()),
        Figures.count(draws),
        share((double) ratio.firstOfA() / draws),
        ratio.isFair() ? "as fair coins do" : "which fair coins do not",
        Figures.decimal(ratio.chiSquare(), 2),
        chance(ratio.pValue()));
  }

  private static String note(String what, long often) {
    return Figures.count(often) + " " + what;
  }

  private static String share(double fraction) {
    return Figures.decimal(100 * fraction, 1) + " %";
  }

  private static String chance(double value) {
    return value < 0.0001 ? "< 0.0001" : Figures.decimal(value, 4);
  }

  private static List<String> slices(OnlineComparison comparison, String name, List<Slice> slices) {
    if (slices.isEmpty()) {
      return List.of();
    }
    TextTable table = new TextTable(header(comparison, name));
    slices.forEach(slice -> table.add(cells(slice)));
    List<String> lines = new ArrayList<>(List.of(""));
    lines.addAll(table.lines());
    return lines;
  }

  private static List<String> header(OnlineComparison comparison, String name) {
    return List.of(name, "clicks", "sessions", b(comparison) + ", %", "95 % interval");
  }

  private static List<String> cells(Slice slice) {
    Share share = slice.share();
    return List.of(
        slice.name(),
        Figures.count(share.clicks()),
        Figures.count(share.sessions()),
        Figures.decimal(100 * share.ofB(), 1),
        Figures.decimal(100 * share.interval().low(), 1) + " to "
            + Figures.decimal(100 * share.interval().high(), 1));
  }

  /** Writes it as JSON: shares as fractions, times in ISO 8601. */
  public static void writeJson(OnlineComparison comparison, Path file) throws IOException {
    JsonFile.write(file, tree(comparison));
  }

  static Map<String, Object> tree(OnlineComparison comparison) {
    InterleavedSearches searches = comparison.searches();
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("rankings", searches.rankings());
    tree.put("outcome", outcome(comparison));
    tree.put("verdict", verdict(comparison));
    tree.put("share", tree(comparison, comparison.all()));
    tree.put("pValue", comparison.pValue());
    tree.put("anytimePValue", comparison.anytimePValue());
    tree.put("singleLook", comparison.isSingleLook());
    comparison.daysLeft().ifPresent(days -> tree.put("daysLeft", days));
    tree.put("searches", searches.searches());
    tree.put("contested", searches.contested());
    tree.put("models", searches.models());
    tree.put("from", searches.from().toString());
    tree.put("to", searches.to().toString());
    Map<String, Object> ratio = new LinkedHashMap<>();
    ratio.put("first", List.of(comparison.ratio().firstOfA(), comparison.ratio().firstOfB()));
    ratio.put("chiSquare", comparison.ratio().chiSquare());
    ratio.put("pValue", comparison.ratio().pValue());
    ratio.put("fair", comparison.ratio().isFair());
    tree.put("sampleRatio", ratio);
    tree.put("positions", tree(comparison, comparison.positions()));
    tree.put("devices", tree(comparison, comparison.devices()));
    tree.put("notes", searches.notes());
    return tree;
  }

  /** The winner's name, or why there is none. */
  private static String outcome(OnlineComparison comparison) {
    return switch (comparison.outcome()) {
      case A -> a(comparison);
      case B -> b(comparison);
      case UNDECIDED -> "undecided";
      case UNRELIABLE -> "unreliable";
    };
  }

  private static Map<String, Object> tree(OnlineComparison comparison, List<Slice> slices) {
    Map<String, Object> tree = new LinkedHashMap<>();
    slices.forEach(slice -> tree.put(slice.name(), tree(comparison, slice.share())));
    return tree;
  }

  private static Map<String, Object> tree(OnlineComparison comparison, Share share) {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("clicks", share.clicks());
    tree.put("sessions", share.sessions());
    if (share.clicks() > 0) {
      tree.put("of", b(comparison));
      tree.put("share", share.ofB());
      tree.put("interval", List.of(share.interval().low(), share.interval().high()));
    }
    return tree;
  }

  /** Writes a page. */
  public static void writePage(OnlineComparison comparison, Path file) throws IOException {
    AtomicFile.replace(file, temporary -> Files.writeString(temporary, html(comparison)));
  }

  static String html(OnlineComparison comparison) {
    List<DomContent> parts = new ArrayList<>();
    parts.add(p(capitalized(verdict(comparison)) + ".").withClass("verdict"));
    parts.add(p(capitalized(scope(comparison.searches())) + "."));
    if (comparison.all().clicks() > 0) {
      parts.add(SvgChart.bars(
          "share of " + Figures.count(comparison.all().clicks(), "credited click"),
          List.of(
              bar(
                  a(comparison),
                  1 - comparison.all().ofB(),
                  mirrored(comparison.all().interval())),
              bar(b(comparison), comparison.all().ofB(), comparison.all().interval()))));
    }
    parts.add(p(capitalized(evidence(comparison)) + "."));
    if (comparison.outcome() == Outcome.UNRELIABLE) {
      parts.add(p(capitalized(ratio(comparison)) + ".").withClass("caution"));
    } else {
      parts.add(p(capitalized(ratio(comparison)) + "."));
    }
    if (!comparison.searches().notes().isEmpty()) {
      parts.add(h2("Left out, and odd"));
      parts.add(ul(each(
          List.copyOf(comparison.searches().notes().entrySet()),
          each -> li(note(each.getKey(), each.getValue())))));
    }
    addSlices(parts, comparison, "position", comparison.positions());
    addSlices(parts, comparison, "device", comparison.devices());
    parts.add(p("A share is that of the clicks on hits which a team chose, by turns and fair coins"
        + " (team-draft interleaving, Radlinski, Kurup and Joachims 2008). Intervals are from"
        + " resampled sessions, and of each part for itself: among many parts, one stands out by"
        + " chance."));
    return HtmlPage.of(a(comparison) + " against " + b(comparison), ReportPage.STYLE, parts);
  }

  private static void addSlices(
      List<DomContent> parts, OnlineComparison comparison, String name, List<Slice> slices) {
    if (!slices.isEmpty()) {
      parts.add(h2("By " + name));
      parts.add(div(table(
              thead(tr(each(header(comparison, name), cell -> th(cell)))),
              tbody(each(slices, slice -> tr(each(cells(slice), cell -> td(cell)))))))
          .withClass("scroll"));
    }
  }

  private static SvgChart.Bar bar(String name, double share, Interval interval) {
    return new SvgChart.Bar(
        name, 100 * share, new Interval(100 * interval.low(), 100 * interval.high()));
  }

  private static Interval mirrored(Interval interval) {
    return new Interval(1 - interval.high(), 1 - interval.low());
  }

  private static String capitalized(String text) {
    return text.substring(0, 1).toUpperCase(Locale.ROOT) + text.substring(1);
  }
}
