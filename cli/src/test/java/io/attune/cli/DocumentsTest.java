package io.attune.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.attune.cli.Documents.Block;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What the pages say about files, links, types and artifacts is so. */
class DocumentsTest {
  private static final Path README = Documents.ROOT.resolve("README.md");
  private static final Pattern LINK = Pattern.compile("\\[[^\\]]*\\]\\(([^)\\s]+)\\)");
  private static final Pattern DECLARED =
      Pattern.compile("\\b(?:class|interface|enum|record) ([A-Z][A-Za-z0-9]*)");
  /** A type, and what may follow it: a member, arguments. */
  private static final Pattern TYPE =
      Pattern.compile("([A-Z][A-Za-z0-9]*[a-z][A-Za-z0-9]*)(?:\\.([A-Za-z]+))?(?:[.(<].*)?");

  /** Packages of other people whose types the pages name. */
  private static final List<String> OTHERS =
      List.of("java.lang.", "org.apache.lucene.search.", "org.apache.lucene.index.");

  @Test
  void readmeIsReadInThreeMinutes() {
    String text = Documents.text(README);
    assertThat(text.lines().count()).isLessThanOrEqualTo(120);
    assertThat(text.split("\\s+")).hasSizeLessThanOrEqualTo(1200);
  }

  @Test
  void everyLinkLeadsToAFileAndItsHeading() {
    List<String> dead = new ArrayList<>();
    int links = 0;
    for (Path page : Documents.all()) {
      for (MatchResult link : LINK.matcher(Documents.text(page)).results().toList()) {
        String[] target = link.group(1).split("#", 2);
        if (target[0].contains("://")) {
          continue;
        }
        links++;
        Path file = target[0].isEmpty() ? page : page.resolveSibling(target[0]).normalize();
        if (!Files.exists(file) || (target.length > 1 && !anchors(file).contains(target[1]))) {
          dead.add(Documents.name(page) + ": " + link.group(1));
        }
      }
    }
    assertThat(dead).isEmpty();
    assertThat(links).isGreaterThan(30);
  }

  /** The headings of a page as GitHub names them. */
  private static Set<String> anchors(Path page) {
    return Documents.text(page)
        .lines()
        .filter(line -> line.startsWith("#"))
        .map(line -> line.replaceFirst("#+ ", "").toLowerCase(Locale.ROOT))
        .map(title -> title.replaceAll("[^a-z0-9 _-]", "").replace(' ', '-'))
        .collect(Collectors.toSet());
  }

  @Test
  void everyPageOfDocsIsLinkedFromTheReadme() {
    String readme = Documents.text(README);
    assertThat(Documents.pages().stream().skip(1))
        .isNotEmpty()
        .allMatch(page -> readme.contains("](" + Documents.name(page) + ")"));
  }

  @Test
  void everyModuleSaysWhatItIs() {
    assertThat(Documents.modules())
        .hasSizeGreaterThan(8)
        .filteredOn(module -> !module.endsWith("opensearch-cluster")) // for the tests of opensearch
        .allMatch(module -> Files.exists(module.resolve("README.md")));
  }

  @Test
  void everyTypeThatIsNamedExists() {
    Map<String, String> declared = declared();
    Set<String> unknown = new TreeSet<>();
    int named = 0;
    for (Path page : Documents.all()) {
      if (page.endsWith("CHANGELOG.md")) {
        continue; // it names what there was before
      }
      for (String code : Documents.code(page)) {
        Matcher type = TYPE.matcher(code);
        if (type.matches()) {
          named++;
          String source = declared.get(type.group(1));
          String member = type.group(2);
          if (source == null
              ? !isOfOthers(type.group(1))
              : member != null && !source.matches("(?s).*\\b" + member + "\\b.*")) {
            unknown.add(Documents.name(page) + ": " + code);
          }
        }
      }
    }
    assertThat(unknown).isEmpty();
    assertThat(named).isGreaterThan(100);
  }

  /** By the name of a type, the sources of the files that declare one of this name. */
  private static Map<String, String> declared() {
    Map<String, String> declared = new HashMap<>();
    for (Path source : Documents.sources()) {
      String text = Documents.text(source);
      DECLARED
          .matcher(text)
          .results()
          .map(match -> match.group(1))
          .distinct()
          .forEach(name -> declared.merge(name, text, String::concat));
    }
    return declared;
  }

  private static boolean isOfOthers(String name) {
    return OTHERS.stream().anyMatch(folder -> {
      try {
        Class.forName(folder + name, false, DocumentsTest.class.getClassLoader());
        return true;
      } catch (ClassNotFoundException e) {
        return false;
      }
    });
  }

  @Test
  void everyPackageOrJavaModuleThatIsNamedExists() {
    Set<String> existing = Documents.sources().stream()
        .map(source -> Documents.text(source).replaceFirst("(?s).*?\\bpackage ([a-z.]+);.*", "$1"))
        .collect(Collectors.toCollection(TreeSet::new));
    for (Path module : Documents.modules()) {
      Path descriptor = module.resolve("src/main/java/module-info.java");
      String names = Documents.text(module.resolve("pom.xml"))
          + (Files.exists(descriptor) ? Documents.text(descriptor) : "");
      Pattern.compile("(?:<Automatic-Module-Name>|\\bmodule )([a-z.]+)")
          .matcher(names)
          .results()
          .map(match -> match.group(1))
          .forEach(existing::add);
    }
    assertThat(Documents.all().stream()
            .flatMap(page -> Documents.code(page).stream())
            .filter(code -> code.matches("io\\.attune(\\.[a-z]+)+")))
        .hasSizeGreaterThan(15)
        .allMatch(existing::contains);
  }

  @Test
  void everyArtifactThatIsNamedExists() {
    Set<String> artifacts = Documents.modules().stream()
        .map(module -> Documents.text(module.resolve("pom.xml")))
        .map(pom -> pom.replaceFirst("(?s)<parent>.*?</parent>", ""))
        .map(pom -> pom.replaceFirst("(?s).*?<artifactId>([^<]+)<.*", "$1"))
        .collect(Collectors.toSet());
    Set<String> named = new TreeSet<>();
    for (Path page : Documents.all()) {
      Pattern.compile("(?:<artifactId>|io\\.attune:)(attune-[a-z-]+)")
          .matcher(Documents.text(page))
          .results()
          .map(match -> match.group(1))
          .forEach(named::add);
    }
    assertThat(named).hasSizeGreaterThan(8);
    assertThat(artifacts).containsAll(named);
  }

  @Test
  void everyJavaSnippetStandsInACompiledFile() {
    int snippets = 0;
    for (Path page : Documents.pages()) {
      for (Block block : Documents.blocks(page)) {
        if (block.language().equals("java")) {
          assertThat(block.source()).as("the file of a snippet in %s", page).isNotNull();
          Path file = Documents.ROOT.resolve(String.valueOf(block.source()));
          List<String> source = stripped(Documents.text(file).lines().toList());
          for (List<String> chunk : chunks(block.lines())) {
            assertThat(Collections.indexOfSubList(source, chunk))
                .as("%s is no longer in %s", String.join("\n", chunk), file)
                .isNotNegative();
          }
          snippets++;
        }
      }
    }
    assertThat(snippets).isGreaterThan(3);
  }

  /** Lines between blank ones. */
  private static List<List<String>> chunks(List<String> lines) {
    List<List<String>> chunks = new ArrayList<>(List.of(new ArrayList<>()));
    for (String line : lines) {
      if (line.isBlank()) {
        chunks.add(new ArrayList<>());
      } else {
        chunks.getLast().add(line.strip());
      }
    }
    return chunks;
  }

  private static List<String> stripped(List<String> lines) {
    return lines.stream().map(String::strip).filter(line -> !line.isEmpty()).toList();
  }
}
