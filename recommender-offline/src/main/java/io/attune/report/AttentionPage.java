package io.attune.report;

import static j2html.TagCreator.each;
import static j2html.TagCreator.h2;
import static j2html.TagCreator.li;
import static j2html.TagCreator.ol;
import static j2html.TagCreator.p;
import static j2html.TagCreator.rawHtml;

import io.attune.incremental.AttentionHead;
import io.attune.model.AtomicFile;
import io.attune.serving.PreferredItems;
import io.attune.serving.SessionVector;
import j2html.tags.DomContent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * An HTML page that shows the attention of a session on its clicks, after each click, as heat maps.
 */
public final class AttentionPage {
  private static final String STYLE = "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;"
      + "margin:1rem auto;padding:0 1rem;color:#1a1a1a}svg{max-width:100%;height:auto}";

  private AttentionPage() {}

  /**
   * The session after one of its clicks.
   *
   * @param vector the encoded session
   * @param heads what each head of each layer attends to; empty without heads
   */
  public record Step(SessionVector vector, List<AttentionHead> heads) {}

  /**
   * Writes the page.
   *
   * @param steps the session after each of its clicks
   * @param preferred what each head prefers, or all attention if there are no heads
   * @param recommended the names of the recommended items, best first, with what their scores
   *     include
   * @param name the name of an item by its row
   */
  public static void write(
      List<Step> steps,
      List<PreferredItems> preferred,
      List<String> recommended,
      IntFunction<String> name,
      Path file)
      throws IOException {
    AtomicFile.replace(
        file, temporary -> Files.writeString(temporary, html(steps, preferred, recommended, name)));
  }

  private static String html(
      List<Step> steps,
      List<PreferredItems> preferred,
      List<String> recommended,
      IntFunction<String> name) {
    int[] clicks = steps.getLast().vector().clicks();
    List<AttentionHead> heads = steps.getLast().heads();
    return HtmlPage.of(
        "Session attention",
        STYLE,
        List.of(
            p("Each row shows the session after one more click. The darker a cell, the more"
                + " attention the click of its column gets."),
            picture(
                steps.stream().map(step -> step.vector().attention()).toList(),
                "attention after each click"),
            heads.isEmpty() ? preferences(preferred.getFirst(), name) : each(),
            each(
                IntStream.range(0, heads.size()).boxed().toList(),
                i -> each(
                    h2("Layer " + heads.get(i).layer() + ", head "
                        + heads.get(i).head()),
                    picture(
                        steps.stream().map(step -> step.heads().get(i).shares()).toList(),
                        "attention of head " + heads.get(i).head() + " of layer "
                            + heads.get(i).layer() + " after each click"),
                    preferences(preferred.get(i), name))),
            h2("Clicks"),
            ol(each(
                IntStream.range(0, clicks.length).boxed().toList(),
                i -> li(name.apply(clicks[i]) + visit(steps.getLast().vector(), i)))),
            h2("Recommended items"),
            ol(each(recommended, each -> li(each)))));
  }

  /** What attracts attention; nothing where no item does, as without attention. */
  private static DomContent preferences(PreferredItems preferred, IntFunction<String> name) {
    float[] shares = preferred.shares();
    if (shares.length == 0 || shares[0] == 0) {
      return each();
    }
    String items = IntStream.range(0, shares.length)
        .mapToObj(i -> String.format(
            Locale.ROOT, "%s (%.0f %%)", name.apply(preferred.rows()[i]), 100 * shares[i]))
        .collect(Collectors.joining(", "));
    return p(String.format(
        Locale.ROOT,
        "One click before the last, these items would get the most attention: %s. The average item"
            + " would get %.0f %%.",
        items,
        100 * preferred.mean()));
  }

  /** The visit of a click with its share, if there are several. */
  private static String visit(SessionVector vector, int click) {
    float[] shares = vector.visitShares();
    int visit = vector.visits()[click];
    return shares.length < 2
        ? ""
        : String.format(
            Locale.ROOT,
            " (visit %d of %d: %.0f %%)",
            visit + 1,
            shares.length,
            100 * shares[visit]);
  }

  private static DomContent picture(List<float[]> steps, String label) {
    return rawHtml(AttentionPicture.afterEachClick(steps, label));
  }
}
