package io.attune.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The description is that of the server. */
class OpenApiTest {
  private JsonNode description;

  @BeforeEach
  void read() throws IOException {
    try (InputStream in =
        Objects.requireNonNull(AttuneServer.class.getResourceAsStream("openapi.json"))) {
      description = JsonMapper.builder().build().readTree(in);
    }
  }

  @Test
  void itHasTheEndpointsAndNoOther() {
    Set<String> described = new TreeSet<>();
    for (Map.Entry<String, JsonNode> path : description.path("paths").properties()) {
      path.getValue()
          .properties()
          .forEach(operation ->
              described.add(operation.getKey().toUpperCase(Locale.ROOT) + " " + path.getKey()));
    }
    assertThat(Arrays.stream(Endpoint.values())
            .filter(each -> !each.isPage())
            .map(each -> each.method() + " " + each.path()))
        .containsExactlyInAnyOrderElementsOf(described);
  }

  @Test
  void itHasTheParametersAndWhoNeedsAToken() {
    for (Endpoint endpoint : Endpoint.values()) {
      if (endpoint.isPage()) {
        continue;
      }
      Set<String> names = new TreeSet<>();
      operation(endpoint).path("parameters").forEach(parameter -> {
        if (parameter.path("in").asText().equals("query")) {
          names.add(parameter.path("name").asText());
        } else {
          assertThat(endpoint.path()).contains("{" + parameter.path("name").asText() + "}");
        }
      });
      assertThat(names).as(endpoint.name()).isEqualTo(new TreeSet<>(endpoint.parameters()));
      assertThat(operation(endpoint).has("security"))
          .as(endpoint.name())
          .isEqualTo(endpoint.writes());
    }
  }

  private JsonNode operation(Endpoint endpoint) {
    return description
        .path("paths")
        .path(endpoint.path())
        .path(endpoint.method().toLowerCase(Locale.ROOT));
  }

  @Test
  void itsAnswersAreThoseOfTheServer() {
    Set<String> requests = Set.of("Click", "Rerank", "FirstPassHit");
    Set<String> answers = new TreeSet<>();
    for (Class<?> answer : Answer.class.getDeclaredClasses()) {
      String name = answer.getSimpleName();
      answers.add(name);
      JsonNode schema = description.path("components").path("schemas").path(name);
      assertThat(schema.path("properties").properties().stream().map(Map.Entry::getKey))
          .as(name)
          .containsExactlyInAnyOrderElementsOf(Arrays.stream(answer.getRecordComponents())
              .map(RecordComponent::getName)
              .toList());
      Set<String> required = new TreeSet<>();
      schema.path("required").forEach(each -> required.add(each.asText()));
      assertThat(required)
          .as(name)
          .isEqualTo(Arrays.stream(answer.getRecordComponents())
              .filter(each -> !each.getAnnotatedType().isAnnotationPresent(Nullable.class))
              .map(RecordComponent::getName)
              .collect(Collectors.toCollection(TreeSet::new)));
    }
    answers.addAll(requests);
    assertThat(description.path("components").path("schemas").properties().stream()
            .map(Map.Entry::getKey))
        .containsExactlyInAnyOrderElementsOf(answers);
  }

  @Test
  void whatItRefersToExists() {
    Set<String> missing = new TreeSet<>();
    description.findValuesAsText("$ref").forEach(reference -> {
      if (description.at(reference.substring(1)).isMissingNode()) {
        missing.add(reference);
      }
    });
    assertThat(description.findValuesAsText("$ref")).hasSizeGreaterThan(20);
    assertThat(missing).isEmpty();
  }
}
