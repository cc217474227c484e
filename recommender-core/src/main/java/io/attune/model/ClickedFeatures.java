package io.attune.model;

import java.util.Arrays;

/**
 * The features of the items that a session has clicked, {@value #COUNT} numbers each:
 *
 * <ol>
 *   <li>0 to 3: one of these is 1, the others are 0. The item was clicked last by the last click,
 *       the one before it, the third last, or an earlier one;
 *   <li>4: logarithm of the number of clicks on the item;
 *   <li>5: 1 if the last two clicks are on the same item;
 *   <li>6: logarithm of the number of clicks of the session;
 *   <li>7: repeats: 1 − distinct items / clicks;
 *   <li>8 to 10: features 4, 6 and 7 of an item of the last click, 0 for others;
 *   <li>11 to 13: the same for an item of the click before it.
 * </ol>
 *
 * <p>Only the last {@value #WINDOW} clicks are looked at, so that the state of a session is
 * bounded.
 *
 * @param rows the clicked items, ascending and distinct
 * @param values (items, {@value #COUNT}): the features of each
 */
public record ClickedFeatures(int[] rows, float[][] values) {
  /** Number of features. */
  public static final int COUNT = 14;

  /** Number of last clicks that features are made of. */
  public static final int WINDOW = 50;

  /** Features that tell how long ago an item was clicked: the first ones, one of which is 1. */
  public static final int AGES = 4;

  /**
   * Computes the features of the items of a session.
   *
   * @param clicks item rows, oldest first
   * @param length number of clicks that are read, the first
   */
  public static ClickedFeatures of(int[] clicks, int length) {
    int from = Math.max(0, length - WINDOW);
    int count = length - from;
    int[] rows = Arrays.stream(clicks, from, length).sorted().distinct().toArray();
    int[] clicked = new int[rows.length];
    int[] last = new int[rows.length];
    for (int i = from; i < length; i++) {
      int item = Arrays.binarySearch(rows, clicks[i]);
      clicked[item]++;
      last[item] = i;
    }
    boolean same = count > 1 && clicks[length - 1] == clicks[length - 2];
    float[][] values = new float[rows.length][];
    for (int item = 0; item < rows.length; item++) {
      int age = Math.min(length - 1 - last[item], AGES - 1);
      float repeats = 1 - (float) rows.length / count;
      values[item] = of(age, log(clicked[item]), same ? 1 : 0, log(count), repeats);
    }
    return new ClickedFeatures(rows, values);
  }

  private static float[] of(int age, float clicks, float same, float length, float repeats) {
    float last = age == 0 ? 1 : 0;
    float before = age == 1 ? 1 : 0;
    float third = age == 2 ? 1 : 0;
    return new float[] {
      last,
      before,
      third,
      1 - last - before - third,
      clicks,
      same,
      length,
      repeats,
      last * clicks,
      last * length,
      last * repeats,
      before * clicks,
      before * length,
      before * repeats
    };
  }

  private static float log(int count) {
    return (float) StrictMath.log(count); // the same number on every machine
  }
}
