package io.attune.log;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Recognises logs whose lines are ids: pairs and sequences.
 *
 * <p>Ids must contain a digit, so that prose is not taken for a log. A few lines may consist of a
 * single id; the reader reports them as malformed.
 */
final class IdLines {
  private static final Pattern SPACES = Pattern.compile("[ \t]+");
  private static final Pattern PLAIN_ID =
      Pattern.compile("[^,;|\"{}<>\\p{Cntrl}]*[0-9][^,;|\"{}<>\\p{Cntrl}]*");
  private static final String REMEDY = ": give the columns of a table by number, or read all values"
      + " as items with --format sequences";

  private final List<String> lines;
  private final List<String[]> ids;

  IdLines(List<String> lines) {
    this.lines = lines;
    this.ids = lines.stream().map(line -> SPACES.split(line.strip(), -1)).toList();
  }

  /**
   * Why the lines are not of a format; null if they are.
   *
   * @param forced whether the format is given, so that any ids will do
   */
  @Nullable
  String problem(LogFormat format, boolean forced) {
    if (forced) {
      return null;
    }
    boolean twoEach = ids.stream().allMatch(line -> line.length <= 2);
    long alone = ids.stream().filter(line -> line.length == 1).count();
    boolean fits = areIds() && ids.size() - alone > alone;
    return fits && (twoEach || format != LogFormat.PAIRS)
        ? tableProblem()
        : "expected " + format.description();
  }

  private boolean areIds() {
    for (int i = 0; i < ids.size(); i++) {
      String line = lines.get(i);
      boolean oneTab = line.indexOf('\t') == line.lastIndexOf('\t');
      boolean isSequence = ids.get(i).length == 1 || oneTab || line.indexOf(' ') < 0;
      if (!isSequence
          || !Arrays.stream(ids.get(i)).allMatch(id -> PLAIN_ID.matcher(id).matches())) {
        return false;
      }
    }
    return true;
  }

  /** Why the lines are more likely a table with other columns, or null. */
  private @Nullable String tableProblem() {
    Set<String> firsts = new HashSet<>();
    String repeated = null;
    for (String[] line : ids) {
      for (String id : line) {
        if (HeaderlessTable.isNoId(id)) {
          return "expected only ids, found '" + id + "'" + REMEDY;
        }
      }
      if (!firsts.add(line[0])) {
        repeated = line[0];
      }
    }
    int width = ids.size() < 2
        ? 0
        : HeaderlessTable.usualWidth(ids.stream().map(line -> line.length).toList());
    if (width < 3) {
      return null;
    }
    if (lines.stream().anyMatch(line -> line.indexOf('\t') != line.lastIndexOf('\t'))) {
      return "expected a session in each line, but all lines have " + width + " columns" + REMEDY;
    }
    if (hasTimes(width)) {
      return "expected only ids, but a column has times" + REMEDY;
    }
    return repeated == null
        ? null
        : "expected a session in each line, but several lines of " + width + " columns begin with '"
            + repeated + "'" + REMEDY;
  }

  /** Whether all values of a column after the first are times. */
  private boolean hasTimes(int width) {
    List<String[]> rows = ids.stream().filter(line -> line.length == width).toList();
    for (int column = 1; column < width; column++) {
      int at = column;
      if (rows.stream().allMatch(row -> HeaderlessTable.isTime(row[at]))) {
        return true;
      }
    }
    return false;
  }
}
