package io.attune.batch;

import io.attune.batch.PartsManifest.Part;
import io.attune.batch.Recommendations.Origin;
import io.attune.model.AtomicFile;
import io.attune.session.Sessions;
import io.attune.session.Sha256;
import io.attune.session.Vocabulary;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * A resumable batch run: writes recommendations for all sessions of a log to a file.
 *
 * <p>Partial results are kept in a directory next to the output, so an interrupted run resumes
 * where it stopped and produces the same bytes. The output appears once all parts are complete.
 *
 * @param out the output file, replaced at the end
 * @param format the format of the output
 * @param provenance everything besides sessions and items that the output depends on, by name, such
 *     as the model and the options; parts with another provenance are not resumed
 * @param sessions sessions in the rows of the recommender's vocabulary
 * @param partSessions number of sessions per part
 */
public record BatchRun(
    Path out,
    OutputFormat format,
    Map<String, String> provenance,
    Sessions sessions,
    int partSessions) {
  private static final int SESSIONS_PER_UPDATE = 256;
  private static final String LOCK = "lock";
  private static final Pattern OWN_FILES =
      Pattern.compile("lock|manifest\\.writing|part-\\d{5,}|part\\.writing|whole\\.writing");

  /** Checks the size of parts. */
  public BatchRun {
    if (partSessions < 1) {
      throw new IllegalArgumentException("a part must have 1 session or more, not " + partSessions);
    }
  }

  /** Receives the progress of a run. */
  @FunctionalInterface
  public interface ProgressListener {
    /**
     * Called every now and then, first with the sessions that an earlier run completed.
     *
     * @param done number of sessions completed, including earlier runs
     * @param resumed number of sessions completed by earlier runs
     */
    void onProgress(int done, int resumed);
  }

  /**
   * The outcome of a run.
   *
   * @param sessions number of sessions
   * @param resumed number of sessions completed by earlier runs
   * @param items number of recommended items
   * @param fallbacks number of sessions with popular items as a fallback
   * @param empty number of sessions without recommendations
   */
  public record Report(int sessions, int resumed, long items, int fallbacks, int empty) {}

  /** The directory of the partial results. */
  public Path parts() {
    return parts(out);
  }

  private static Path parts(Path out) {
    try {
      // Beside the file that a link points to: parts are moved, not copied.
      Path target = Files.isSymbolicLink(out) ? AtomicFile.resolveLinks(out) : out;
      return target.resolveSibling(target.getFileName() + ".parts");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Checks, without writing anything, that the output can be written and that the directory of its
   * parts holds nothing else.
   *
   * @throws PartsException if the directory holds other files; the message names one
   */
  public static void requireWritable(Path out) throws IOException {
    AtomicFile.requireWritable(out);
    requireParts(parts(out));
  }

  /** What to do with the parts of an interrupted run. */
  public enum ExistingParts {
    /** Resume from them, after a check that they belong to this run. */
    RESUME,
    /** Discard them and start over. */
    DISCARD
  }

  /**
   * Runs, or resumes an interrupted run.
   *
   * @throws PartsException if the directory holds parts of a different run, or another run is
   *     writing to it
   */
  public Report run(BatchRecommender recommender, ExistingParts existing, ProgressListener listener)
      throws IOException {
    requireWritable(out);
    Files.createDirectories(parts());
    Report report;
    try (FileChannel channel = FileChannel.open(
            parts().resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = lock(channel)) {
      report = run(recommender, openManifest(existing), listener);
      lock.release();
    }
    deleteParts();
    return report;
  }

  private Report run(
      BatchRecommender recommender, PartsManifest completed, ProgressListener listener)
      throws IOException {
    PartsManifest manifest = completed;
    int count = Math.max(1, Math.ceilDiv(sessions.size(), partSessions));
    int resumed = (int) Math.min(sessions.size(), (long) manifest.parts().size() * partSessions);
    listener.onProgress(resumed, resumed);
    // On the first sessions, so that a resumed run searches in the same way.
    recommender.prepare(SessionClicks.of(sessions, 0, sessions.size()));
    Iterator<Recommendations> recommendations =
        recommender.recommend(SessionClicks.of(sessions, resumed, sessions.size()));
    for (int number = manifest.parts().size(); number < count; number++) {
      PartWriter part = new PartWriter(recommendations, number * partSessions, resumed, listener);
      Path temporary = parts().resolve("part.writing");
      try (RecommendationWriter writer = format.open(temporary, sessions.vocabulary())) {
        part.write(writer);
      }
      Part written = part.describe(temporary);
      AtomicFile.move(temporary, part(number));
      manifest = manifest.with(written);
      manifest.write(parts());
    }
    Path whole = parts().resolve("whole.writing");
    format.join(IntStream.range(0, count).mapToObj(this::part).toList(), whole);
    AtomicFile.move(whole, out);
    return report(manifest.parts(), resumed);
  }

  private Report report(List<Part> all, int resumed) {
    return new Report(
        sessions.size(),
        resumed,
        all.stream().mapToLong(Part::items).sum(),
        all.stream().mapToInt(Part::fallbacks).sum(),
        all.stream().mapToInt(Part::empty).sum());
  }

  private FileLock lock(FileChannel channel) throws IOException {
    try {
      FileLock lock = channel.tryLock();
      if (lock != null) {
        return lock;
      }
    } catch (OverlappingFileLockException e) {
      // Held by another run of this process.
    }
    throw new PartsException(
        parts(), "another run is writing there; wait for it, or choose another output");
  }

  /** Requires a directory that does not exist, holds only a lock, or has a manifest of parts. */
  private static void requireParts(Path parts) throws IOException {
    if (Files.notExists(parts)) {
      return;
    }
    if (!Files.isDirectory(parts)) {
      throw new PartsException(
          parts,
          "exists and is not a directory, but partial results are kept there; choose another"
              + " output, or remove it");
    }
    boolean ours = PartsManifest.exists(parts);
    if (ours) {
      PartsManifest.read(parts);
    }
    try (Stream<Path> entries = Files.list(parts)) {
      Path foreign = entries
          .filter(
              each -> !(ours ? isOwnFile(each) || PartsManifest.isManifest(each) : isLock(each)))
          .findFirst()
          .orElse(null);
      if (foreign != null) {
        throw new PartsException(
            parts,
            "exists and holds '" + foreign.getFileName()
                + "', which is not a partial result; choose another output, or remove it");
      }
    }
  }

  private static boolean isLock(Path file) {
    return file.endsWith(LOCK);
  }

  /** Writes and returns the manifest of the intact parts, after a check of their provenance. */
  private PartsManifest openManifest(ExistingParts existing) throws IOException {
    Map<String, String> all = new TreeMap<>(provenance);
    all.put("file format", format.name());
    all.put("sessions of a part", Integer.toString(partSessions));
    all.put("log", hash(sessions));
    all.put("items", hash(sessions.vocabulary()));
    PartsManifest manifest = PartsManifest.empty(all);
    if (existing == ExistingParts.RESUME && PartsManifest.exists(parts())) {
      manifest = PartsManifest.read(parts());
      manifest.requireProvenance(all, parts());
    }
    int intact = 0;
    while (intact < manifest.parts().size()
        && isIntact(part(intact), manifest.parts().get(intact))) {
      intact++;
    }
    PartsManifest usable = manifest.truncated(intact);
    usable.write(parts());
    return usable;
  }

  private static boolean isIntact(Path file, Part part) throws IOException {
    return Files.isRegularFile(file)
        && Files.size(file) == part.bytes()
        && Sha256.of(file).equals(part.sha256());
  }

  private Path part(int number) {
    return parts().resolve(String.format(Locale.ROOT, "part-%05d", number));
  }

  /** Deletes the files of a run, by name. */
  private void deleteParts() throws IOException {
    List<Path> own;
    try (Stream<Path> all = Files.list(parts())) {
      own = all.filter(BatchRun::isOwnFile).toList();
    }
    for (Path file : own) {
      Files.delete(file);
    }
    // The manifest last: it marks the other files as ours.
    PartsManifest.delete(parts());
    try {
      Files.delete(parts());
    } catch (DirectoryNotEmptyException e) {
      // A file was added by someone else: keep it.
    }
  }

  private static boolean isOwnFile(Path file) {
    return OWN_FILES.matcher(String.valueOf(file.getFileName())).matches();
  }

  /** The SHA-256 of ids, rows and times, session by session. */
  private static String hash(Sessions sessions) {
    MessageDigest digest = Sha256.digest();
    for (int session = 0; session < sessions.size(); session++) {
      SessionClicks clicks = SessionClicks.of(sessions, session);
      digest.update(clicks.session().getBytes(StandardCharsets.UTF_8));
      ByteBuffer bytes = ByteBuffer.allocate(
              4 + 4 * clicks.rows().length + 8 * clicks.times().length)
          .putInt(clicks.rows().length);
      IntStream.of(clicks.rows()).forEach(bytes::putInt);
      LongStream.of(clicks.times()).forEach(bytes::putLong);
      digest.update(bytes.array());
    }
    return Sha256.hex(digest);
  }

  private static String hash(Vocabulary vocabulary) {
    MessageDigest digest = Sha256.digest();
    for (String id : vocabulary.ids()) {
      digest.update((id + '\n').getBytes(StandardCharsets.UTF_8));
    }
    return Sha256.hex(digest);
  }

  /** Writes one part and counts what it holds. */
  private final class PartWriter {
    private final Iterator<Recommendations> recommendations;
    private final int from;
    private final int resumed;
    private final ProgressListener listener;
    private long items;
    private int fallbacks;
    private int empty;

    PartWriter(
        Iterator<Recommendations> recommendations,
        int from,
        int resumed,
        ProgressListener listener) {
      this.recommendations = recommendations;
      this.from = from;
      this.resumed = resumed;
      this.listener = listener;
    }

    void write(RecommendationWriter writer) throws IOException {
      int to = (int) Math.min(sessions.size(), (long) from + partSessions);
      for (int session = from; session < to; session++) {
        Recommendations each = recommendations.next();
        writer.write(each);
        items += each.rows().length;
        empty += each.rows().length == 0 ? 1 : 0;
        fallbacks += each.origin() == Origin.POPULAR ? 1 : 0;
        if (session % SESSIONS_PER_UPDATE == 0) {
          listener.onProgress(session, resumed);
        }
      }
      listener.onProgress(to, resumed);
    }

    Part describe(Path file) throws IOException {
      return new Part(Files.size(file), Sha256.of(file), items, fallbacks, empty);
    }
  }
}
