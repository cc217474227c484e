package io.attune.batch;

import io.attune.session.Vocabulary;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** The file formats of recommendations. */
public enum OutputFormat {
  /** CSV with the header {@code session_id,rank,item_id,score,fallback} and a line per item. */
  CSV {
    @Override
    public RecommendationWriter open(Path part, Vocabulary vocabulary) throws IOException {
      return new CsvRecommendations(part, vocabulary);
    }

    @Override
    public void join(List<Path> parts, Path whole) throws IOException {
      FileConcatenation.concatenate(CsvRecommendations.HEADER, parts, whole);
    }
  },

  /** JSON lines with one object per session, including sessions without items. */
  JSONL {
    @Override
    public RecommendationWriter open(Path part, Vocabulary vocabulary) throws IOException {
      return new JsonRecommendations(part, vocabulary);
    }

    @Override
    public void join(List<Path> parts, Path whole) throws IOException {
      FileConcatenation.concatenate("", parts, whole);
    }
  },

  /**
   * Parquet with the columns of {@link #CSV}: session_id and item_id are strings, rank is int32,
   * score float, fallback boolean. Each part is a row group.
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

  /** A TREC run for trec_eval: a line {@code session Q0 item rank score tag} per item. */
  TREC {
    @Override
    public RecommendationWriter open(Path part, Vocabulary vocabulary) throws IOException {
      return new TrecRecommendations(part, vocabulary);
    }

    @Override
    public void join(List<Path> parts, Path whole) throws IOException {
      FileConcatenation.concatenate("", parts, whole);
    }
  };

  /**
   * The format of a file by its extension.
   *
   * @throws IllegalArgumentException if the extension is unknown
   */
  public static OutputFormat of(Path file) {
    String name = file.toString().toLowerCase(Locale.ROOT);
    return Arrays.stream(values())
        .filter(format -> name.endsWith(format.extension()))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("the file must have one of the extensions "
            + Arrays.stream(values()).map(OutputFormat::extension).collect(Collectors.joining(", "))
            + ", but is " + file));
  }

  private String extension() {
    return "." + name().toLowerCase(Locale.ROOT);
  }

  /**
   * Opens a writer for a part of a file.
   *
   * @param vocabulary the ids of the rows
   */
  abstract RecommendationWriter open(Path part, Vocabulary vocabulary) throws IOException;

  /** Joins parts to one file, in this order. */
  abstract void join(List<Path> parts, Path whole) throws IOException;
}
