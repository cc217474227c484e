package io.attune.spark;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import org.apache.spark.SparkThrowable;
import org.apache.spark.sql.AnalysisException;
import org.jspecify.annotations.Nullable;

/** Finds the root cause of a job's failure, wherever in the cluster it happened. */
final class JobFailures {
  private JobFailures() {}

  /** A message of one line; null if the failure is unexpected. */
  static @Nullable String describe(Throwable failure) {
    for (Throwable each = failure; each != null; each = each.getCause()) {
      String message = own(each);
      if (message == null && each instanceof SparkThrowable spark) {
        message = ofSpark(spark, each);
      }
      if (message != null) {
        return message;
      }
    }
    return null;
  }

  private static @Nullable String own(Throwable failure) {
    if (failure instanceof NoSuchFileException missing) {
      return missing.getFile() + ": no such file or directory";
    }
    boolean isOurs = failure.getClass().getName().startsWith("io.attune.");
    boolean isOfFiles = failure instanceof IOException
        && !(failure instanceof SparkThrowable)
        && failure.getCause() == null;
    return isOurs || isOfFiles ? first(String.valueOf(failure.getMessage())) : null;
  }

  private static @Nullable String ofSpark(SparkThrowable failure, Throwable thrown) {
    String condition = String.valueOf(failure.getCondition());
    if (condition.startsWith("FAILED_READ_FILE")) {
      String path = failure.getMessageParameters().get("path");
      return "%s: the Parquet file cannot be read: %s; skip such files with --corrupt-files=skip"
          .formatted(ParseRows.shown(String.valueOf(path)), reason(thrown));
    }
    if (condition.equals("PATH_NOT_FOUND")) {
      return ParseRows.shown(String.valueOf(failure.getMessageParameters().get("path")))
          + ": no such file or directory";
    }
    return thrown instanceof AnalysisException ? first(String.valueOf(thrown.getMessage())) : null;
  }

  /** The innermost cause says what is wrong with the file. */
  private static String reason(Throwable failure) {
    Throwable innermost = failure;
    for (Throwable each = failure.getCause(); each != null; each = each.getCause()) {
      innermost = each;
    }
    String message = innermost.getMessage();
    return first(message == null ? innermost.toString() : message);
  }

  private static String first(String message) {
    return message.lines().findFirst().orElse("").strip();
  }
}
