package io.attune.baseline;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.attune.model.ModelDirectory;
import io.attune.model.ModelException;
import io.attune.recommender.Recommender;
import io.attune.saved.SavedModel;
import io.attune.session.Sessions;
import io.attune.session.Sha256;
import io.attune.session.Vocabulary;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.List;

/**
 * A saved baseline: a directory with a manifest, the vocabulary and the training sessions. It is
 * retrained when it is opened, which takes seconds.
 *
 * <p>{@code sessions.bin} holds big-endian numbers: the number of sessions S and of clicks C as
 * int, a byte that is 1 if there are times and 0 if not, S + 1 session starts and C rows as int,
 * and, if there are times, the S session ends as long.
 */
public final class BaselineModel {
  private static final int FORMAT = ModelDirectory.BASELINE_FORMAT;
  private static final String MANIFEST = ModelDirectory.MANIFEST;
  private static final String VOCABULARY = ModelDirectory.VOCABULARY;
  private static final String SESSIONS = ModelDirectory.SESSIONS;
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private record Manifest(int format, String baseline, int items, String sessions) {}

  private final Baseline baseline;
  private final TrainingSessions sessions;

  private BaselineModel(Baseline baseline, TrainingSessions sessions) {
    this.baseline = baseline;
    this.sessions = sessions;
  }

  /** A model of this baseline, trained on these sessions. */
  public static BaselineModel of(Baseline baseline, Sessions training) {
    return new BaselineModel(baseline, TrainingSessions.of(training));
  }

  /** The baseline with its settings. */
  public Baseline baseline() {
    return baseline;
  }

  /** Trains the baseline. */
  public Recommender recommender() {
    return BaselineTraining.train(baseline, sessions);
  }

  /** Trains the baseline and wraps it as a saved model. */
  public SavedModel.Baseline open() {
    return new SavedModel.Baseline(baseline.text(), version(), counts(), recommender());
  }

  /** The version of the model: its settings and the SHA-256 of its training sessions. */
  public String version() {
    MessageDigest digest = Sha256.digest();
    try (OutputStream out = new DigestOutputStream(OutputStream.nullOutputStream(), digest)) {
      for (String id : sessions.vocabulary().ids()) {
        out.write((id + "\n").getBytes(StandardCharsets.UTF_8));
      }
      write(out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return baseline.text() + " " + Sha256.hex(digest);
  }

  /**
   * The number of training clicks per item.
   *
   * @return (V), row 1 first
   */
  public long[] counts() {
    int[] counts = sessions.counts(0);
    return Arrays.stream(counts, 1, counts.length).asLongStream().toArray();
  }

  /**
   * Writes the model, replacing a model of any kind in this directory.
   *
   * @throws IOException as by {@link ModelDirectory#replace}
   */
  public void save(Path directory) throws IOException {
    ModelDirectory.replace(directory, temporary -> {
      JSON.writeValue(
          temporary.resolve(VOCABULARY).toFile(), sessions.vocabulary().ids());
      String hash = writeSessions(temporary.resolve(SESSIONS));
      Manifest manifest =
          new Manifest(FORMAT, baseline.text(), sessions.vocabulary().size(), hash);
      JSON.writerWithDefaultPrettyPrinter()
          .writeValue(temporary.resolve(MANIFEST).toFile(), manifest);
    });
  }

  /**
   * Reads a model.
   *
   * @throws ModelException if it is missing, truncated, changed, or has a newer format
   */
  public static BaselineModel load(Path directory) throws IOException {
    Path file = directory.resolve(MANIFEST);
    if (!Files.isRegularFile(file)) {
      throw new ModelException(directory, "not a baseline: there is no " + MANIFEST);
    }
    try {
      JsonNode tree = JSON.readTree(file.toFile());
      int format = tree.path("format").asInt(0);
      if (format < 1 || format > FORMAT || !tree.path("baseline").isTextual()) {
        throw new ModelException(
            file,
            format > FORMAT
                ? "format " + format + " is newer than " + FORMAT
                    + ", the newest that this version reads"
                : "not the manifest of a baseline in format " + FORMAT + " (format " + format
                    + ")");
      }
      Manifest manifest = JSON.treeToValue(tree, Manifest.class);
      Baseline baseline = Baseline.parse(manifest.baseline());
      String[] ids = JSON.readValue(directory.resolve(VOCABULARY).toFile(), String[].class);
      if (ids.length != manifest.items()) {
        throw new ModelException(
            directory.resolve(VOCABULARY),
            "has " + ids.length + " items, but the manifest says " + manifest.items());
      }
      Vocabulary vocabulary = Vocabulary.of(List.of(ids));
      return new BaselineModel(
          baseline, readSessions(directory.resolve(SESSIONS), vocabulary, manifest.sessions()));
    } catch (JacksonException e) {
      throw new ModelException(directory, "not a baseline: " + e.getOriginalMessage(), e);
    } catch (IllegalArgumentException e) {
      throw new ModelException(directory, "not a baseline: " + e.getMessage(), e);
    }
  }

  private String writeSessions(Path file) throws IOException {
    MessageDigest digest = Sha256.digest();
    try (OutputStream out = new DigestOutputStream(Files.newOutputStream(file), digest)) {
      write(out);
    }
    return Sha256.hex(digest);
  }

  private void write(OutputStream stream) throws IOException {
    long[] ends = sessions.ends();
    DataOutputStream out = new DataOutputStream(new BufferedOutputStream(stream, 1 << 16));
    out.writeInt(sessions.size());
    out.writeInt(sessions.items().length);
    out.writeByte(ends == null ? 0 : 1);
    for (int start : sessions.starts()) {
      out.writeInt(start);
    }
    for (int item : sessions.items()) {
      out.writeInt(item);
    }
    if (ends != null) {
      for (long end : ends) {
        out.writeLong(end);
      }
    }
    out.flush();
  }

  private static TrainingSessions readSessions(Path file, Vocabulary vocabulary, String hash)
      throws IOException {
    MessageDigest digest = Sha256.digest();
    try (DataInputStream in = new DataInputStream(new BufferedInputStream(
        new DigestInputStream(Files.newInputStream(file), digest), 1 << 16))) {
      long size = Files.size(file);
      int count = in.readInt();
      int clicks = in.readInt();
      boolean timed = in.readByte() == 1;
      if (count < 0
          || clicks < 0
          || 9 + 4L * (count + 1L + clicks) + (timed ? 8L * count : 0) != size) {
        throw new ModelException(file, "truncated or changed: its size does not match its header");
      }
      int[] starts = new int[count + 1];
      for (int i = 0; i < starts.length; i++) {
        starts[i] = in.readInt();
      }
      int[] items = new int[clicks];
      for (int i = 0; i < clicks; i++) {
        items[i] = in.readInt();
      }
      long[] ends = timed ? new long[count] : null;
      if (ends != null) {
        for (int i = 0; i < count; i++) {
          ends[i] = in.readLong();
        }
      }
      if (!Sha256.hex(digest).equals(hash)) {
        throw new ModelException(
            file, "truncated or changed: its SHA-256 does not match the manifest");
      }
      return new TrainingSessions(vocabulary, starts, items, ends);
    } catch (EOFException e) {
      throw new ModelException(file, "truncated after " + Files.size(file) + " bytes", e);
    }
  }
}
