package io.attune.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ModelNamesTest {
  @Test
  void aModelIsNamedByItsDirectory() {
    assertThat(names("a/narm", "b/trm/")).containsExactly("narm", "trm");
  }

  @Test
  void equalNamesAreExtendedByParentDirectories() {
    assertThat(names("a/x/narm", "b/x/narm"))
        .containsExactly(Path.of("a/x/narm").toString(), Path.of("b/x/narm").toString());
  }

  @Test
  void namesOfBaselinesAreAvoided() {
    assertThat(names("models/pop")).containsExactly(Path.of("models/pop").toString());
  }

  @Test
  void theSameModelTwiceIsRejected() {
    assertThatThrownBy(() -> names("a/narm", "a/../a/narm"))
        .hasMessage("the model narm is given twice");
  }

  private static List<String> names(String... paths) {
    return ModelNames.of(List.of(paths).stream().map(Path::of).toList(), Set.of("pop"));
  }
}
