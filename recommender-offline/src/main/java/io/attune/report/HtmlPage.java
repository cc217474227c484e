package io.attune.report;

import static j2html.TagCreator.body;
import static j2html.TagCreator.document;
import static j2html.TagCreator.h1;
import static j2html.TagCreator.head;
import static j2html.TagCreator.html;
import static j2html.TagCreator.meta;
import static j2html.TagCreator.rawHtml;
import static j2html.TagCreator.style;
import static j2html.TagCreator.title;

import j2html.tags.DomContent;
import java.util.List;

/** A self-contained HTML page: it loads nothing, runs no script, and fits on a phone. */
final class HtmlPage {
  private HtmlPage() {}

  /**
   * Renders a page.
   *
   * @param title the title, which is also the first heading
   * @param css the style sheet
   * @param content what follows the heading
   */
  static String of(String title, String css, List<DomContent> content) {
    return document(html(
            head(
                meta().withCharset("utf-8"),
                meta().withName("viewport").withContent("width=device-width, initial-scale=1"),
                title(title),
                style(rawHtml(css))),
            body(h1(title)).with(content))
        .attr("lang", "en"));
  }
}
