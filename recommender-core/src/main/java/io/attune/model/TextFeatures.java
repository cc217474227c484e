package io.attune.model;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;

/**
 * The features of a text in any language: its words, the pairs of neighbouring words, and the
 * pieces of three to five characters of each word, hashed to a fixed number of places, so that no
 * dictionary is kept. Two features in one place are one feature.
 *
 * <p>Source: Weinberger et al. 2009, "Feature hashing for large scale multitask learning", without
 * the signs; Bojanowski et al. 2017, "Enriching word vectors with subword information", section
 * 3.2, for the pieces of words.
 *
 * @param places of the features that occur, ascending, from 0
 * @param counts how often each occurs
 */
public record TextFeatures(int[] places, float[] counts) {
  private static final int SHORTEST = 3;
  private static final int LONGEST = 5;

  /** Texts are read as far as this: no title is so long, and a page is not indexed as one. */
  private static final int MOST_WORDS = 256;

  /**
   * The features of a text.
   *
   * @param size the number of places
   */
  public static TextFeatures of(String text, int size) {
    TreeMap<Integer, Float> counts = new TreeMap<>();
    String previous = "";
    for (String word : words(text)) {
      count(counts, "w" + word, size);
      if (!previous.isEmpty()) {
        count(counts, "p" + previous + " " + word, size);
      }
      previous = word;
      int[] letters = ("<" + word + ">").codePoints().toArray();
      for (int length = SHORTEST; length <= LONGEST; length++) {
        for (int from = 0; from + length <= letters.length; from++) {
          count(counts, "c" + new String(letters, from, length), size);
        }
      }
    }
    int[] places = new int[counts.size()];
    float[] values = new float[counts.size()];
    int next = 0;
    for (var feature : counts.entrySet()) {
      places[next] = feature.getKey();
      values[next++] = feature.getValue();
    }
    return new TextFeatures(places, values);
  }

  /**
   * The weight of each feature: by the logarithm of its count and by how rare it is among texts, so
   * that their squares add up to one.
   *
   * @param rarity of each place, from 0
   * @return in the order of {@link #places}; all 0 where no feature has a rarity
   */
  public float[] weights(float[] rarity) {
    float[] weights = new float[places.length];
    double squares = 0;
    for (int i = 0; i < weights.length; i++) {
      weights[i] = (float) ((1 + Math.log(counts[i])) * rarity[places[i]]);
      squares += weights[i] * weights[i];
    }
    for (int i = 0; squares > 0 && i < weights.length; i++) {
      weights[i] /= (float) Math.sqrt(squares);
    }
    return weights;
  }

  /**
   * How rare each feature is among texts: the logarithm of how few have it, plus one.
   *
   * @param size the number of places
   * @param fewest a feature of fewer texts is left out, with a rarity of 0
   */
  public static float[] rarity(List<TextFeatures> texts, int size, int fewest) {
    int[] holders = new int[size];
    for (TextFeatures text : texts) {
      for (int place : text.places) {
        holders[place]++;
      }
    }
    float[] rarity = new float[size];
    for (int place = 0; place < size; place++) {
      rarity[place] = holders[place] < fewest
          ? 0
          : (float) (Math.log((1.0 + texts.size()) / (1.0 + holders[place])) + 1);
    }
    return rarity;
  }

  /** Runs of letters and digits in lower case. */
  private static List<String> words(String text) {
    List<String> words = new ArrayList<>();
    StringBuilder word = new StringBuilder();
    String lower = text.toLowerCase(Locale.ROOT);
    for (int i = 0; i <= lower.length() && words.size() < MOST_WORDS; ) {
      int letter = i < lower.length() ? lower.codePointAt(i) : ' ';
      if (Character.isLetterOrDigit(letter)) {
        word.appendCodePoint(letter);
      } else if (!word.isEmpty()) {
        words.add(word.toString());
        word.setLength(0);
      }
      i += Character.charCount(letter);
    }
    return words;
  }

  private static void count(TreeMap<Integer, Float> counts, String feature, int size) {
    counts.merge(Math.floorMod(hash(feature), size), 1f, Float::sum);
  }

  /** FNV-1a of the UTF-8 bytes, mixed once more: its low bits alone repeat. */
  private static int hash(String feature) {
    int hash = 0x811c9dc5;
    for (byte part : feature.getBytes(StandardCharsets.UTF_8)) {
      hash = (hash ^ (part & 0xff)) * 0x01000193;
    }
    hash ^= hash >>> 16;
    hash *= 0x85ebca6b;
    return hash ^ hash >>> 13;
  }
}
