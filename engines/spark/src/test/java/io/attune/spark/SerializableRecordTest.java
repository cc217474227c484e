package io.attune.spark;

import static org.assertj.core.api.Assertions.assertThat;

import io.attune.batch.BatchOptions;
import io.attune.log.LogOptions;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SerializableRecordTest {
  @ParameterizedTest
  @EnumSource(BatchOptions.Fallback.class)
  void optionsOfBatchesArriveAsTheyWereSent(BatchOptions.Fallback fallback) throws Exception {
    BatchOptions options = new BatchOptions(7, true, 0.5f, fallback);
    assertThat(sent(options)).isEqualTo(options);
  }

  @Test
  void optionsOfLogsArriveAsTheyWereSent() throws Exception {
    LogOptions options = LogOptions.builder()
        .itemColumn("sku")
        .actions(Set.of("view", "buy"))
        .timeUnit(TimeUnit.MICROSECONDS)
        .delimiter('~')
        .now(Instant.EPOCH)
        .build();
    assertThat(sent(options)).isEqualTo(options);
    assertThat(sent(LogOptions.standard())).isEqualTo(LogOptions.standard());
  }

  @SuppressWarnings("unchecked")
  private static <R extends Record> R sent(R value) throws IOException, ClassNotFoundException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(new SerializableRecord<>(value));
    }
    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      return ((SerializableRecord<R>) in.readObject()).get();
    }
  }
}
