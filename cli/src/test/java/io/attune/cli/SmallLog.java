package io.attune.cli;

import io.attune.cli.Runs.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A log of ten days in which visitors walk around a circle of items, so that the next click can be
 * learned, and a model trained on it.
 */
final class SmallLog {
  static final Instant FIRST = Instant.parse("2025-03-01T00:00:00Z");
  static final int SESSIONS = 240;
  static final int CLICKS = 4;
  static final int ITEMS = 12;

  private SmallLog() {}

  /** Writes the log as CSV, with an hour between sessions and a minute between clicks. */
  static Path write(Path file) throws IOException {
    StringBuilder text = new StringBuilder("session_id,item_id,timestamp\n");
    for (int session = 0; session < SESSIONS; session++) {
      for (int click = 0; click < CLICKS; click++) {
        Instant time = FIRST.plus(Duration.ofHours(session)).plus(Duration.ofMinutes(click));
        int item = (session * 5 + click) % ITEMS;
        text.append(
            String.format(Locale.ROOT, "s%d,i%d,%s%n", session, item, time).replace("\r", ""));
      }
    }
    return Files.writeString(file, text);
  }

  /** Trains a small NARM on the log, in seconds. */
  static Outcome trainNarm(Path log, Path out, Object... more) {
    List<Object> args = new ArrayList<>(List.of(
        "train",
        log,
        "--out",
        out,
        "--encoder",
        "narm",
        "--device",
        "cpu",
        "--set",
        "dimension=8",
        "--set",
        "hidden=8",
        "--set",
        "epochs=2",
        "--set",
        "learningRate=0.03",
        "--set",
        "stepTargets=32",
        "--set",
        "precision=fp32"));
    args.addAll(List.of(more));
    return Runs.attune(args.toArray());
  }
}
