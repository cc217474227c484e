package io.attune.cli;

import io.attune.training.ItemTexts;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Options for what is written about the items of a training. */
final class ItemTextsMixin {
  private static final Pattern SHARE = Pattern.compile("\\d{1,2}(\\.\\d{1,3})?%");

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = "--items",
      paramLabel = "ITEMS",
      description = "CSV or TSV of items and their texts. Training begins with items alike whose"
          + " words are, and items that nobody has clicked become part of the model, with vectors"
          + " from their words.")
  @FileUse(FileUse.Kind.READ_FILE)
  private @Nullable Path items;

  @Option(
      names = "--hide-items",
      paramLabel = "15%",
      description = "With --items: do not train on the clicks on this share of them, to see in an"
          + " evaluation how well words do without clicks.")
  private @Nullable String hidden;

  /** Whether there are texts. */
  boolean isGiven() {
    return items != null;
  }

  /**
   * Refuses what makes no sense together, before a log is read.
   *
   * @param isBaseline whether a baseline is trained, which has no vectors
   */
  void check(boolean isBaseline) {
    if (hidden != null && items == null) {
      throw WrongUsage.of(
          spec, "--hide-items hides items of a file: name it with --items, such as items.tsv");
    }
    if (items != null && isBaseline) {
      throw WrongUsage.of(
          spec, "--items gives items vectors, and a baseline has none: omit it, or --baseline");
    }
    hiddenShare();
  }

  /** The share of the items with texts that is hidden; 0 for none. */
  private double hiddenShare() {
    if (hidden == null) {
      return 0;
    }
    if (SHARE.matcher(hidden).matches()) {
      double share = Double.parseDouble(hidden.substring(0, hidden.length() - 1)) / 100;
      if (share > 0) {
        return share;
      }
    }
    throw WrongUsage.of(
        spec, "--hide-items must be above 0% and below 100%, such as 15%, not '" + hidden + "'");
  }

  /**
   * Reads the texts.
   *
   * @param seed of which items are hidden
   * @throws CommandFailure if the file is no file of items, or has no texts
   */
  ItemTexts read(long seed) throws IOException, CommandFailure {
    if (items == null) {
      return ItemTexts.NONE;
    }
    ItemTexts written = new ItemTexts(ItemsFile.texts(items), Set.of());
    if (written.texts().isEmpty()) {
      throw new CommandFailure(
          items + ": no texts: expected columns beside the id with words in them");
    }
    return written.hiding(hiddenShare(), seed);
  }
}
