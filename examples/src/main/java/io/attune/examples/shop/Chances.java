package io.attune.examples.shop;

import io.attune.examples.shop.Catalogue.Stocked;
import java.util.Arrays;
import java.util.Random;
import java.util.function.ToDoubleFunction;

/**
 * Which products a visitor may click next and how likely each is, given all that the visitor wants.
 * A product can be listed under several steps. What is missing to 1 goes to strays and changes of
 * mind, which can be any product.
 */
final class Chances {

  /** What a click does to a visit. */
  enum Step {
    /** Another product of the line at hand. */
    BROWSE,
    /** On to the next line of the journey. */
    ADVANCE,
    /** Back to a product seen before. */
    RETURN
  }

  /** A click that was drawn. */
  record Draw(Step step, Stocked stocked) {}

  private Draw[] draws = new Draw[128];
  private double[] weights = new double[128];
  private int size;

  /**
   * Lists products under one step, by their weights, which are scaled to sum up to {@code share}.
   */
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

  /** Draws one of the listed clicks. */
  Draw draw(Random random) {
    double point = random.nextDouble() * Arrays.stream(weights, 0, size).sum();
    int i = 0;
    while (i < size - 1 && point >= weights[i]) {
      point -= weights[i++];
    }
    return draws[i];
  }

  /** The chance of each product, by its row in the catalogue; what is not listed has none. */
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
