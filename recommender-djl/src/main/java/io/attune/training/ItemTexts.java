package io.attune.training;

import io.attune.session.Sha256;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What is written about items, so that those that nobody has clicked get vectors too.
 *
 * @param texts by id, such as title and brand in one string; items without words are left out
 * @param hidden items whose clicks are not trained on, as if they were new, to see how well their
 *     words do; they must have texts
 */
public record ItemTexts(Map<String, String> texts, Set<String> hidden) {
  /** No texts. */
  public static final ItemTexts NONE = new ItemTexts(Map.of(), Set.of());

  public ItemTexts {
    Map<String, String> written = new HashMap<>(texts);
    written.values().removeIf(text -> text.codePoints().noneMatch(Character::isLetterOrDigit));
    texts = Map.copyOf(written);
    hidden = Set.copyOf(hidden);
    if (!texts.keySet().containsAll(hidden)) {
      throw new IllegalArgumentException(
          "hidden items must have texts, or nothing is known of them");
    }
  }

  /**
   * The same with some items hidden.
   *
   * @param share of the items with texts
   * @param seed of which these are
   */
  public ItemTexts hiding(double share, long seed) {
    Set<String> drawn = new TreeSet<>();
    SplittableRandom random = new SplittableRandom(Seeds.of(seed, Seeds.Purpose.UNCLICKED, 1));
    new TreeSet<>(texts.keySet()).forEach(id -> {
      if (random.nextDouble() < share) {
        drawn.add(id);
      }
    });
    return new ItemTexts(texts, drawn);
  }

  /** Changes with any text and any hidden item; empty without texts. */
  String hash() {
    if (texts.isEmpty()) {
      return "";
    }
    MessageDigest digest = Sha256.digest();
    new TreeMap<>(texts)
        .forEach((id, text) ->
            digest.update((id + "\0" + text + "\0").getBytes(StandardCharsets.UTF_8)));
    new TreeSet<>(hidden)
        .forEach(id -> digest.update((id + "\0").getBytes(StandardCharsets.UTF_8)));
    return HexFormat.of().formatHex(digest.digest());
  }
}
