package io.attune.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class DocumentsTest {
  private static final Path ROOT = Path.of("").toAbsolutePath().getParent();

  @Test
  void everyTypeThatTheArchitectureNamesExists() throws IOException {
    Set<String> types;
    try (Stream<Path> files = Files.walk(ROOT)) {
      types = files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".java"))
          .map(name -> name.substring(0, name.length() - ".java".length()))
          .collect(Collectors.toSet());
    }
    Set<String> named = Pattern.compile("`([A-Z][A-Za-z]+)`")
        .matcher(Files.readString(ROOT.resolve("ARCHITECTURE.md")))
        .results()
        .map((MatchResult match) -> match.group(1))
        .collect(Collectors.toCollection(TreeSet::new));
    assertThat(named).hasSizeGreaterThan(20);
    assertThat(types).containsAll(named);
  }
}
