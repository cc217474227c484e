package io.attune.batch;

import io.attune.session.Vocabulary;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** The formats of files of recommendations. */
public enum OutputFormat {
  /** With a header {@code session_id,rank,item_id,score,fallback}, a line an item. */
  CSV {
    @Override
    public RecommendationWriter open(Path part, Vocabulary vocabulary) throws IOException {
      return new CsvRecommendations(part, vocabulary);
    }

    @Override
    public void join(List<Path> parts, Path whole) throws IOException {
      FileParts.join(CsvRecommendations.HEADER, parts, whole);
    }
  },

  /** A JSON object a line and session, also where it has no items. */
  JSONL {
    @Override
    public RecommendationWriter open(Path part, Vocabulary vocabulary) throws IOException {
      return new JsonRecommendations(part, vocabulary);
    }

    @Override
    public void join(List<Path> parts, Path whole) throws IOException {
      FileParts.join("", parts, whole);
    }
  },

  /**
   * The columns of {@link #CSV}: session_id and item_id are strings, rank is int32, score float,
   * fallback boolean. A part is a row group.
   */
  PARQUET {
    @Override
    public RecommendationWriter open(Path part, Vocabulary vocabulary) {
      return new ParquetRecommendations(part, vocabulary);
    }

    @Override
    public void join(List<Path> parts, Path whole) throws IOException {
      ParquetTable.join(parts, whole);
    }
  },

  /** A run of trec_eval, {@code session Q0 item rank score tag}, a line an item. */
  TREC {
    @Override
    public RecommendationWriter open(Path part, Vocabulary vocabulary) throws IOException {
      return new TrecRun(part, vocabulary);
    }

    @Override
    public void join(List<Path> parts, Path whole) throws IOException {
      FileParts.join("", parts, whole);
    }
  };

  /**
   * The format of a file by the end of its name.
   *
   * @throws IllegalArgumentException when it has another
   */
  public static OutputFormat of(Path file) {
    String name = file.toString().toLowerCase(Locale.ROOT);
    return Arrays.stream(values())
        .filter(format -> name.endsWith("." + format.name().toLowerCase(Locale.ROOT)))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("the file must end with "
            + Arrays.stream(values())
                .map(format -> "." + format.name().toLowerCase(Locale.ROOT))
                .collect(Collectors.joining(", "))
            + ", which tells its format, but is " + file));
  }

  /**
   * Begins a part of a file.
   *
   * @param vocabulary has the ids of rows
   */
  public abstract RecommendationWriter open(Path part, Vocabulary vocabulary) throws IOException;

  /** Makes one file of parts, in their order. */
  public abstract void join(List<Path> parts, Path whole) throws IOException;
}
