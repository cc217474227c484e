package io.attune.examples.shop;

import io.attune.examples.shop.Catalogue.Stocked;
import io.attune.examples.shop.CatalogueFile.Category;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * The demand for each product and category on each day: Zipf-distributed within product lines and
 * across categories, with slow fluctuations and extra interest in new arrivals.
 */
final class Demand {

  private static final double PRODUCT_EXPONENT = 1.35;
  private static final double CATEGORY_EXPONENT = 0.5;

  /** Mandelbrot's offset, which flattens the head of the distribution. */
  private static final double HEAD = 1.5;

  /** The amplitude of the fluctuations, relative to the mean. */
  private static final double SWING = 0.6;

  /** The period of the fluctuations. */
  private static final double SWING_DAYS = 70;

  private final double[][] products;
  private final double[][] strays;
  private final double[][] categories;

  Demand(Catalogue catalogue, ShopConfig config, Random random) {
    Map<ProductLine, Double> lineWeights = new HashMap<>();
    double[] categoryWeights = zipf(catalogue.categories().size(), CATEGORY_EXPONENT, random);
    for (int c = 0; c < categoryWeights.length; c++) {
      Category category = catalogue.categories().get(c);
      double weight = categoryWeights[c];
      lineWeights.merge(category.main(), 0.55 * weight, Double::sum);
      lineWeights.merge(category.first(), 0.25 * weight, Double::sum);
      lineWeights.merge(category.second(), 0.15 * weight, Double::sum);
      category.shared().forEach(line -> lineWeights.merge(line, 0.05 * weight, Double::sum));
    }
    double[] base = new double[catalogue.stock().size()];
    for (ProductLine line : catalogue.lines()) {
      List<Stocked> alternatives = catalogue.in(line);
      double[] weights = zipf(alternatives.size(), PRODUCT_EXPONENT, random);
      for (int i = 0; i < weights.length; i++) {
        base[alternatives.get(i).row()] = weights[i] * lineWeights.getOrDefault(line, 0.0);
      }
    }
    double[] productPhases = phases(base.length, random);
    double[] categoryPhases = phases(categoryWeights.length, random);
    products = new double[config.days()][base.length];
    strays = new double[config.days()][base.length];
    categories = new double[config.days()][categoryWeights.length];
    for (int day = 0; day < config.days(); day++) {
      double sum = 0;
      for (Stocked stocked : catalogue.stock()) {
        int row = stocked.row();
        double today =
            base[row] * swing(day, productPhases[row]) * novelty(day, stocked.firstDay());
        products[day][row] = today;
        sum += today;
        strays[day][row] = sum;
      }
      double categorySum = 0;
      for (int c = 0; c < categoryWeights.length; c++) {
        categorySum += categoryWeights[c] * swing(day, categoryPhases[c]);
        categories[day][c] = categorySum;
      }
    }
  }

  /** The demand for a product relative to others on the same day; 0 before its first day. */
  double of(Stocked stocked, int day) {
    return products[day][stocked.row()];
  }

  /** Draws a row of the catalogue by the day's demand. */
  int drawRow(int day, Random random) {
    return draw(strays[day], random);
  }

  /** Draws the index of a category by the day's demand. */
  int drawCategory(int day, Random random) {
    return draw(categories[day], random);
  }

  private static double novelty(int day, int firstDay) {
    if (day < firstDay) {
      return 0;
    }
    return firstDay == 0 ? 1 : 1 + 2 / (1 + (day - firstDay) / 4.0);
  }

  private static double swing(int day, double phase) {
    return 1 + SWING * StrictMath.sin(2 * Math.PI * (day / SWING_DAYS + phase));
  }

  private static double[] phases(int count, Random random) {
    return random.doubles(count).toArray();
  }

  /** Zipf weights in random order that sum to 1. */
  private static double[] zipf(int count, double exponent, Random random) {
    List<Double> weights = new ArrayList<>();
    double sum = 0;
    for (int rank = 1; rank <= count; rank++) {
      double weight = 1 / StrictMath.pow(rank + HEAD, exponent);
      weights.add(weight);
      sum += weight;
    }
    Collections.shuffle(weights, random);
    double total = sum;
    return weights.stream().mapToDouble(weight -> weight / total).toArray();
  }

  private static int draw(double[] cumulative, Random random) {
    double point = random.nextDouble() * cumulative[cumulative.length - 1];
    int low = 0;
    int high = cumulative.length - 1;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (cumulative[middle] > point) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }
}
