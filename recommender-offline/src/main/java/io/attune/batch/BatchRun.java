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
 * Recommendations for all sessions of a log in one file, by way of parts that lie in a directory
 * beside it. A part appears when it is complete, the file when all of them are; a run that was
 * stopped at any moment, the next one goes on with the first part that is missing, and the file is
 * the same to the last byte.
 *
 * @param out the file, replaced at the end
 * @param format its format
 * @param madeFrom all that the output depends on beside sessions and items, by name, such as the
 *     model and the options: parts that were made from something else are refused
 * @param sessions whose rows are those of the recommender's vocabulary
 * @param partSessions sessions of a part
 */
public record BatchRun(
    Path out,
    OutputFormat format,
    Map<String, String> madeFrom,
    Sessions sessions,
    int partSessions) {
  private static final int TOLD = 256;
  private static final String LOCK = "lock";
  private static final Pattern MADE =
      Pattern.compile("lock|manifest\\.writing|part-\\d{5,}|part\\.writing|whole\\.writing");

  /** Checks the size of parts. */
  public BatchRun {
    if (partSessions < 1) {
      throw new IllegalArgumentException("a part must have 1 session or more, not " + partSessions);
    }
  }

  /** Is told of sessions done, now and then, beginning with those that were done before. */
  @FunctionalInterface
  public interface Progress {
    void reached(int done, int before);
  }

  /**
   * What was done.
   *
   * @param sessions all of them
   * @param before how many of them were done by an earlier run
   * @param items how many are recommended
   * @param fallbacks how many sessions got popular items
   * @param empty how many sessions got nothing
   */
  public record Report(int sessions, int before, long items, int fallbacks, int empty) {}

  /** The directory of the parts. */
  public Path parts() {
    return parts(out);
  }

  private static Path parts(Path out) {
    try {
      // Where the file will really lie, since parts are moved, not copied.
      Path target = Files.isSymbolicLink(out) ? AtomicFile.resolveLinks(out) : out;
      return target.resolveSibling(target.getFileName() + ".parts");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Refuses, before anything is made, a file that cannot be written, or a directory of parts that
   * holds something else.
   *
   * @throws PartsException says what is there
   */
  public static void requireWritable(Path out) throws IOException {
    AtomicFile.requireWritable(out);
    requireParts(parts(out));
  }

  /** What becomes of the parts that a stopped run left. */
  public enum Earlier {
    /** They are gone on with; that they belong to this run is checked. */
    RESUME,
    /** They are made again. */
    DISCARD
  }

  /**
   * Does what is left to do.
   *
   * @throws PartsException when the directory holds parts of something else, or another run is
   *     writing there
   */
  public Report run(BatchRecommender recommender, Earlier earlier, Progress progress)
      throws IOException {
    requireWritable(out);
    Files.createDirectories(parts());
    Report report;
    try (FileChannel channel = FileChannel.open(
            parts().resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = lock(channel)) {
      report = run(recommender, manifest(earlier), progress);
      lock.release();
    }
    delete();
    return report;
  }

  private Report run(BatchRecommender recommender, PartsManifest usable, Progress progress)
      throws IOException {
    PartsManifest manifest = usable;
    int count = Math.max(1, Math.ceilDiv(sessions.size(), partSessions));
    int before = (int) Math.min(sessions.size(), (long) manifest.parts().size() * partSessions);
    progress.reached(before, before);
    // Wherever a stopped run goes on, it goes on in the same way.
    recommender.prepare(SessionClicks.of(sessions, 0, sessions.size()));
    Iterator<Recommendations> made =
        recommender.recommend(SessionClicks.of(sessions, before, sessions.size()));
    for (int number = manifest.parts().size(); number < count; number++) {
      Counted counted = new Counted(made, number * partSessions, before, progress);
      Path beside = parts().resolve("part.writing");
      try (RecommendationWriter writer = format.open(beside, sessions.vocabulary())) {
        counted.write(writer);
      }
      Part part = counted.part(beside);
      AtomicFile.move(beside, part(number));
      manifest = manifest.with(part);
      manifest.write(parts());
    }
    Path whole = parts().resolve("whole.writing");
    format.join(IntStream.range(0, count).mapToObj(this::part).toList(), whole);
    AtomicFile.move(whole, out);
    return report(manifest.parts(), before);
  }

  private Report report(List<Part> all, int before) {
    return new Report(
        sessions.size(),
        before,
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
      // As if another process had it.
    }
    throw new PartsException(parts(), "another run is writing there; wait, or name another output");
  }

  /** One that is not there, is empty but for a lock, or is ours by its manifest. */
  private static void requireParts(Path parts) throws IOException {
    if (Files.notExists(parts)) {
      return;
    }
    if (!Files.isDirectory(parts)) {
      throw new PartsException(
          parts, "is in the way: parts would be kept there; name another output, or remove it");
    }
    boolean ours = PartsManifest.isIn(parts);
    if (ours) {
      PartsManifest.read(parts);
    }
    try (Stream<Path> entries = Files.list(parts)) {
      Path foreign = entries
          .filter(each -> !(ours ? isMade(each) || PartsManifest.isOne(each) : isLock(each)))
          .findFirst()
          .orElse(null);
      if (foreign != null) {
        throw new PartsException(
            parts,
            "exists and holds no parts but '" + foreign.getFileName()
                + "'; name another output, or remove it");
      }
    }
  }

  private static boolean isLock(Path file) {
    return file.endsWith(LOCK);
  }

  /** What is there and whole, after a check that it belongs to this run. */
  private PartsManifest manifest(Earlier earlier) throws IOException {
    Map<String, String> all = new TreeMap<>(madeFrom);
    all.put("file format", format.name());
    all.put("sessions of a part", Integer.toString(partSessions));
    all.put("log", hash(sessions));
    all.put("items", hash(sessions.vocabulary()));
    PartsManifest manifest = PartsManifest.of(all);
    if (earlier == Earlier.RESUME && PartsManifest.isIn(parts())) {
      manifest = PartsManifest.read(parts());
      manifest.requireMadeFrom(all, parts());
    }
    int good = 0;
    while (good < manifest.parts().size() && isGood(part(good), manifest.parts().get(good))) {
      good++;
    }
    PartsManifest usable = manifest.first(good);
    usable.write(parts());
    return usable;
  }

  private static boolean isGood(Path file, Part part) throws IOException {
    return Files.isRegularFile(file)
        && Files.size(file) == part.bytes()
        && Sha256.of(file).equals(part.sha256());
  }

  private Path part(int number) {
    return parts().resolve(String.format(Locale.ROOT, "part-%05d", number));
  }

  /** Deletes what a run makes, by name. */
  private void delete() throws IOException {
    List<Path> made;
    try (Stream<Path> all = Files.list(parts())) {
      made = all.filter(BatchRun::isMade).toList();
    }
    for (Path file : made) {
      Files.delete(file);
    }
    // The manifest comes last: without it nobody would know what the others are.
    PartsManifest.delete(parts());
    try {
      Files.delete(parts());
    } catch (DirectoryNotEmptyException e) {
      // Somebody put something there meanwhile: it is theirs.
    }
  }

  private static boolean isMade(Path file) {
    return MADE.matcher(String.valueOf(file.getFileName())).matches();
  }

  /** The hash of ids, rows and times, session by session. */
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

  /** Writes the sessions of one part, and counts. */
  private final class Counted {
    private final Iterator<Recommendations> made;
    private final int from;
    private final int before;
    private final Progress progress;
    private long items;
    private int fallbacks;
    private int empty;

    Counted(Iterator<Recommendations> made, int from, int before, Progress progress) {
      this.made = made;
      this.from = from;
      this.before = before;
      this.progress = progress;
    }

    void write(RecommendationWriter writer) throws IOException {
      int to = (int) Math.min(sessions.size(), (long) from + partSessions);
      for (int session = from; session < to; session++) {
        Recommendations each = made.next();
        writer.write(each);
        items += each.rows().length;
        empty += each.rows().length == 0 ? 1 : 0;
        fallbacks += each.origin() == Origin.POPULAR ? 1 : 0;
        if (session % TOLD == 0) {
          progress.reached(session, before);
        }
      }
      progress.reached(to, before);
    }

    Part part(Path file) throws IOException {
      return new Part(Files.size(file), Sha256.of(file), items, fallbacks, empty);
    }
  }
}
