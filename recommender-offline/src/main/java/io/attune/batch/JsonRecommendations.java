package io.attune.batch;

import com.fasterxml.jackson.core.JsonEncoding;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.MinimalPrettyPrinter;
import io.attune.batch.Recommendations.Origin;
import io.attune.session.Vocabulary;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes {@link OutputFormat#JSONL}. */
final class JsonRecommendations implements RecommendationWriter {
  private static final JsonFactory JSON = new JsonFactory();

  private final JsonGenerator json;
  private final Vocabulary vocabulary;

  JsonRecommendations(Path part, Vocabulary vocabulary) throws IOException {
    OutputStream out = new BufferedOutputStream(Files.newOutputStream(part), 1 << 16);
    this.json =
        JSON.createGenerator(out, JsonEncoding.UTF8).setPrettyPrinter(new MinimalPrettyPrinter(""));
    this.vocabulary = vocabulary;
  }

  @Override
  public void write(Recommendations recommendations) throws IOException {
    json.writeStartObject();
    json.writeStringField("session_id", recommendations.session());
    json.writeBooleanField("fallback", recommendations.origin() == Origin.POPULAR);
    json.writeArrayFieldStart("items");
    for (int i = 0; i < recommendations.rows().length; i++) {
      json.writeStartObject();
      json.writeStringField("item_id", vocabulary.id(recommendations.rows()[i]));
      json.writeNumberField("score", recommendations.scores()[i]);
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
    json.writeRaw('\n');
  }

  @Override
  public void close() throws IOException {
    json.close();
  }
}
