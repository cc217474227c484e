package io.attune.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The pages of this repository, and what in them can be checked. */
final class Documents {
  static final Path ROOT = Path.of("").toAbsolutePath().getParent();
  static final Path DOCS = ROOT.resolve("docs");

  private static final Pattern MARK = Pattern.compile("<!-- snippet: (\\S+) -->");
  private static final Pattern WORD = Pattern.compile("'([^']*)'|\"([^\"]*)\"|(#.*)|(\\S+)");
  private static final Pattern CODE = Pattern.compile("`([^`]+)`");

  private Documents() {}

  /**
   * A fenced block.
   *
   * @param page that it stands on
   * @param language after the fence, empty for none
   * @param source the file of the comment before it; null for none
   */
  record Block(Path page, String language, @Nullable String source, List<String> lines) {}

  /**
   * A command of {@code ./attune}.
   *
   * @param page that it stands on
   * @param words after {@code ./attune}
   */
  record Command(Path page, List<String> words) {
    @Override
    public String toString() {
      return name(page) + ": ./attune " + String.join(" ", words);
    }
  }

  /** What a reader of the product reads: README and docs, the pages of docs in this order. */
  static List<Path> pages() {
    List<Path> first = Stream.of("README.md", "docs/guide.md", "docs/evaluation.md")
        .map(ROOT::resolve)
        .toList();
    List<Path> pages = new ArrayList<>(first);
    in(DOCS).filter(page -> !first.contains(page)).forEach(pages::add);
    return pages;
  }

  /** All pages of this repository. */
  static List<Path> all() {
    List<Path> pages = new ArrayList<>(pages());
    Stream.concat(modules().stream().map(module -> module.resolve("README.md")), in(ROOT))
        .filter(Files::exists)
        .filter(page -> !pages.contains(page))
        .forEach(pages::add);
    return pages;
  }

  /** The folders with a pom of their own, hidden ones left out. */
  static List<Path> modules() {
    try (Stream<Path> folders = Files.walk(ROOT, 2)) {
      return folders
          .filter(folder -> Files.exists(folder.resolve("pom.xml")))
          .filter(folder -> !folder.equals(ROOT) && !name(folder).startsWith("."))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The sources of all modules. */
  static List<Path> sources() {
    List<Path> sources = new ArrayList<>();
    for (Path module : modules()) {
      try (Stream<Path> files = Files.walk(module.resolve("src"))) {
        files.filter(file -> file.toString().endsWith(".java")).forEach(sources::add);
      } catch (IOException e) {
        // A module without sources, such as the one of versions.
      }
    }
    return sources;
  }

  /** The fenced blocks of a page. */
  static List<Block> blocks(Path page) {
    List<Block> blocks = new ArrayList<>();
    String source = null;
    List<String> lines = text(page).lines().toList();
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      Matcher mark = MARK.matcher(line);
      if (line.startsWith("```")) {
        int end = i + 1;
        while (!lines.get(end).equals("```")) {
          end++;
        }
        blocks.add(new Block(page, line.substring(3).strip(), source, lines.subList(i + 1, end)));
        i = end;
        source = null;
      } else if (mark.matches()) {
        source = mark.group(1);
      } else if (!line.isBlank()) {
        source = null;
      }
    }
    return blocks;
  }

  /** The fenced commands of a page. */
  static List<Command> commands(Path page) {
    return blocks(page).stream()
        .flatMap(block -> block.lines().stream())
        .filter(line -> line.startsWith("./attune"))
        .map(line -> new Command(page, words(line).stream().skip(1).toList()))
        .toList();
  }

  /** What stands in backticks outside of blocks, a line break being a blank. */
  static List<String> code(Path page) {
    String prose = text(page).replaceAll("(?ms)^```.*?^```$", "").replaceAll("\\s+", " ");
    return CODE.matcher(prose).results().map(match -> match.group(1)).toList();
  }

  /** The words of a command line, as a shell takes it; a comment is none. */
  private static List<String> words(String line) {
    return WORD.matcher(line)
        .results()
        .filter(match -> match.group(3) == null)
        .map(Documents::word)
        .toList();
  }

  private static String word(MatchResult match) {
    return Stream.of(1, 2, 4)
        .map(match::group)
        .filter(group -> group != null)
        .findFirst()
        .orElseThrow();
  }

  static String text(Path page) {
    try {
      return Files.readString(page);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Its path in the repository. */
  static String name(Path page) {
    return ROOT.relativize(page).toString().replace('\\', '/');
  }

  private static Stream<Path> in(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".md")).sorted().toList().stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
