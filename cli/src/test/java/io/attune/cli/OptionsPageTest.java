package io.attune.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The page is written anew by {@code -Dattune.docs.update=true}. */
class OptionsPageTest {
  private static final Path PAGE = Documents.DOCS.resolve("options.md");

  @Test
  void thePageSaysWhatTheCodeSays() throws IOException {
    String page = OptionsPage.render();
    if (Boolean.getBoolean("attune.docs.update")) {
      Files.writeString(PAGE, page);
    }
    assertThat(Documents.text(PAGE)).isEqualTo(page);
  }

  @Test
  void everyOptionAndEveryKeySaysWhatItIs() throws IOException {
    assertThat(OptionsPage.render().lines().filter(line -> line.startsWith("| ")))
        .hasSizeGreaterThan(150)
        .noneMatch(line -> line.endsWith("|  |") || line.contains("null"));
  }
}
