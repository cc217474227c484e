package io.attune.exchange;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleConsumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads vectors in the text form of word2vec, which GloVe and fastText write too: a line for each
 * item with its id and its numbers, separated by blanks. The first line may be two whole numbers,
 * how many vectors follow and of how many elements.
 *
 * <p>The file is read twice, since only its lines tell how much memory is needed.
 */
final class Word2vecText {
  /** What word2vec writes first if sentences ended with line ends: no item. */
  private static final String END_OF_SENTENCE = "</s>";

  private static final Pattern NUMBER = Pattern.compile("[-+0-9.eE]+");
  private static final Pattern COUNT = Pattern.compile("\\d{1,18}");

  private final Path file;
  private final VectorReader.Opener opener;
  private final DoubleConsumer progress;

  /** The items of a file with their vectors, and what was left out. */
  record Content(List<String> ids, long firstLine, VectorTable table, List<String> leftOut) {}

  /**
   * What the first line says, and how many lines there are.
   *
   * @param announced the number of vectors in a header; -1 without one
   */
  private record Size(long announced, int dimension, long vectors) {}

  Word2vecText(Path file, VectorReader.Opener opener, DoubleConsumer progress) {
    this.file = file;
    this.opener = opener;
    this.progress = progress;
  }

  Content read() throws IOException {
    Size size = size();
    if (size.announced >= 0 && size.announced != size.vectors) {
      throw new VectorFileException(
          file,
          1,
          "the header announces " + size.announced + " vectors, but " + size.vectors
              + " lines follow"
              + (size.vectors < size.announced ? ": is the file truncated?" : ""));
    }
    try (InputStream in = opener.open(file)) {
      return read(new TextLines(file, in), size);
    }
  }

  private Size size() throws IOException {
    try (InputStream in = opener.open(file)) {
      TextLines lines = new TextLines(file, in);
      String first = lines.next();
      if (first == null || first.isBlank()) {
        throw new VectorFileException(
            file,
            1,
            "expected item vectors, found " + (first == null ? "nothing" : "a blank line"));
      }
      List<String> fields = fields(first, Integer.MAX_VALUE);
      boolean header = fields.size() == 2 && fields.stream().allMatch(COUNT.asMatchPredicate());
      if (!header && (fields.size() < 2 || !NUMBER.matcher(fields.get(1)).matches())) {
        throw new VectorFileException(
            file,
            1,
            "expected an id and numbers separated by blanks, as word2vec writes them, or an .npy or"
                + " safetensors file, found '" + shown(first) + "'");
      }
      long blank = 0;
      long last = 1;
      for (String line = lines.next(); line != null; line = lines.next()) {
        if (line.isBlank()) {
          blank = blank == 0 ? lines.number() : blank;
        } else if (blank > 0) {
          throw new VectorFileException(
              file, blank, "expected an id and numbers, found a blank line");
        } else {
          last = lines.number();
        }
      }
      long dimension = header ? Long.parseLong(fields.get(1)) : fields.size() - 1L;
      return new Size(
          header ? Long.parseLong(fields.get(0)) : -1,
          (int) Math.min(dimension, Integer.MAX_VALUE),
          header ? last - 1 : last);
    }
  }

  private Content read(TextLines lines, Size size) throws IOException {
    boolean header = size.announced >= 0;
    if (header) {
      lines.next();
    }
    List<String> ids = new ArrayList<>();
    List<String> leftOut = new ArrayList<>();
    @Nullable VectorTable table = null;
    float[] vector = new float[0];
    for (long done = 0; done < size.vectors; done++) {
      String line = lines.next();
      if (line == null) {
        throw new VectorFileException(file, "became shorter while it was read");
      }
      List<String> fields = fields(line, size.dimension + 2);
      String id = id(line, fields, size.dimension, lines.number());
      if (id.equals(END_OF_SENTENCE) && done == 0) {
        leftOut.add(END_OF_SENTENCE + ", which is the end of a sentence");
        continue;
      }
      if (table == null) {
        table = new VectorTable(file, size.vectors - leftOut.size(), size.dimension, false);
        vector = new float[size.dimension];
      }
      for (int i = 0; i < vector.length; i++) {
        vector[i] = number(fields.get(i + 1), lines.number(), i + 2);
      }
      ids.add(id);
      table.addAll(vector, vector.length);
      progress.accept(table.share());
    }
    if (table == null) {
      throw new VectorFileException(file, "has no vectors; expected at least one");
    }
    return new Content(ids, 1 + (header ? 1 : 0) + leftOut.size(), table, leftOut);
  }

  private String id(String line, List<String> fields, int dimension, long number)
      throws VectorFileException {
    if (Character.isWhitespace(line.charAt(0))) {
      throw new VectorFileException(file, number, "expected an id, found a blank");
    }
    if (fields.size() != dimension + 1) {
      boolean more = fields.size() > dimension + 1;
      throw new VectorFileException(
          file,
          number,
          "expected an id and " + dimension + " numbers, found "
              + (more ? "more" : "only " + fields.size()) + " fields"
              + (more ? "; ids must not contain blanks" : ": is the file truncated?"));
    }
    return fields.get(0);
  }

  private float number(String text, long line, int field) throws VectorFileException {
    float value;
    try {
      value = NUMBER.matcher(text).matches() ? Float.parseFloat(text) : Float.NaN;
    } catch (NumberFormatException e) {
      value = Float.NaN;
    }
    if (!Float.isFinite(value)) {
      throw new VectorFileException(
          file, line, "field " + field + ": expected a finite number, found '" + shown(text) + "'");
    }
    return value;
  }

  /** The fields of a line, at most as many as wanted. */
  private static List<String> fields(String line, int most) {
    List<String> fields = new ArrayList<>();
    int at = 0;
    while (at < line.length() && fields.size() < most) {
      int end = at;
      while (end < line.length() && !isBlank(line.charAt(end))) {
        end++;
      }
      if (end > at) {
        fields.add(line.substring(at, end));
      }
      at = end + 1;
    }
    return fields;
  }

  private static boolean isBlank(char letter) {
    return letter == ' ' || letter == '\t';
  }

  private static String shown(String text) {
    return text.length() <= 40 ? text : text.substring(0, 40) + "…";
  }
}
