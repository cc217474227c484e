package io.attune.examples.shop;

import io.attune.examples.shop.Catalogue.Stocked;
import java.util.Arrays;
import java.util.Random;
import java.util.function.ToDoubleFunction;

/**
 * The probabilities of a visitor's next click, given everything that the visitor wants. A product
 * can be listed under several steps. What is missing from 1 is the probability of strays and
 * changes of mind, which can lead to any product.
 */
final class Chances {

  /** How a click continues a visit. */
  enum Step {
    /** Another product of the current line. */
    BROWSE,
    /** A product of the next line of the journey. */
    ADVANCE,
    /** A product seen before. */
    RETURN
  }

  /** A possible click. */
  record Draw(Step step, Stocked stocked) {}

  private Draw[] draws = new Draw[128];
  private double[] weights = new double[128];
  private int size;

  /** Adds products under a step, with weights that are scaled to sum to {@code share}. */
  void add(
      Step step, double share, Iterable<Stocked> candidates, ToDoubleFunction<Stocked> weight) {
    int from = size;
    double sum = 0;
    for (Stocked candidate : candidates) {
      double w = weight.applyAsDouble(candidate);
      if (w > 0) {
        append(new Draw(step, candidate), w);
        sum += w;
      }
    }
    for (int i = from; i < size; i++) {
      weights[i] *= share / sum;
    }
  }

  boolean isEmpty() {
    return size == 0;
  }

  /** Draws a click. */
  Draw draw(Random random) {
    double point = random.nextDouble() * Arrays.stream(weights, 0, size).sum();
    int i = 0;
    while (i < size - 1 && point >= weights[i]) {
      point -= weights[i++];
    }
    return draws[i];
  }

  /** The probability of each product by its row in the catalogue; 0 if it is not listed. */
  double[] byRow(int rows) {
    double[] chances = new double[rows];
    for (int i = 0; i < size; i++) {
      chances[draws[i].stocked().row()] += weights[i];
    }
    return chances;
  }

  private void append(Draw draw, double weight) {
    if (size == draws.length) {
      draws = Arrays.copyOf(draws, 2 * size);
      weights = Arrays.copyOf(weights, 2 * size);
    }
    draws[size] = draw;
    weights[size++] = weight;
  }
}
