package io.attune.examples.shop;

import io.attune.examples.shop.Catalogue.Stocked;
import io.attune.examples.shop.Chances.Draw;
import io.attune.examples.shop.Chances.Step;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * A visit, click by click: the visitor compares alternatives, continues with what goes with them,
 * returns to products seen before, strays, and sometimes wants something else.
 */
final class Visit {

  /** The probability of leaving a line of the category after one, two, and three or more clicks. */
  private static final double[] LEAVE_OWN = {0.15, 0.55, 0.8};

  private static final double LEAVE_SHARED = 0.9;

  /** How much more likely products are whose price is in the visitor's direction. */
  private static final double LEAN = 8;

  /** The maximum distance from the last price, as a share of the line. */
  private static final double LEAN_REACH = 0.3;

  /** The factor by which each later product reduces the probability of returning to one. */
  private static final double FADING = 0.85;

  private final Catalogue catalogue;
  private final Demand demand;
  private final ShopConfig config;
  private final int day;
  private final Random random;

  /** The distinct products of the visit, in the order of their last click. */
  private final List<Stocked> seen = new ArrayList<>();

  private final BitSet seenRows = new BitSet();

  private Intent intent;
  private int stage;
  private int clicksInLine;
  private int clicksForIntent;
  private @Nullable Stocked lastInLine;

  Visit(Catalogue catalogue, Demand demand, ShopConfig config, int day, Random random) {
    this.catalogue = catalogue;
    this.demand = demand;
    this.config = config;
    this.day = day;
    this.random = random;
    this.intent = Intent.draw(catalogue, demand, day, random);
  }

  /** The probabilities of the next click. */
  Chances chances() {
    Chances chances = new Chances();
    double share = 1 - config.strayShare() - config.switchShare();
    if (seen.size() > 1) {
      chances.add(Step.RETURN, config.returnShare(), seen.subList(0, seen.size() - 1), this::pull);
      share -= config.returnShare();
    }
    double leaving = seen.isEmpty() ? 0 : leaving();
    chances.add(Step.ADVANCE, share * leaving, catalogue.in(nextLine()), this::appeal);
    chances.add(
        Step.BROWSE,
        share * (1 - leaving),
        catalogue.in(line()),
        stocked -> appeal(stocked) * lean(stocked));
    return chances;
  }

  /** Makes the next click, whose {@link #chances()} are given, and returns the product. */
  Stocked click(Chances chances) {
    double kind = seen.isEmpty() ? 1 : random.nextDouble();
    Stocked clicked;
    if (kind < config.strayShare() || chances.isEmpty()) {
      clicked = stray();
    } else if (kind < config.strayShare() + config.switchShare()) {
      clicked = changeOfMind();
    } else {
      clicked = follow(chances.draw(random));
    }
    seen.remove(clicked);
    seen.add(clicked);
    seenRows.set(clicked.row());
    return clicked;
  }

  private Stocked stray() {
    Stocked stray;
    do {
      stray = catalogue.stock().get(demand.drawRow(day, random));
    } while (!seen.isEmpty() && stray.equals(seen.getLast()));
    return stray;
  }

  private Stocked changeOfMind() {
    intent = intent.another(catalogue, demand, day, random);
    stage = 0;
    clicksInLine = 0;
    clicksForIntent = 0;
    lastInLine = null;
    Chances chances = new Chances();
    chances.add(Step.BROWSE, 1, catalogue.in(line()), this::appeal);
    return chances.isEmpty() ? stray() : follow(chances.draw(random));
  }

  private Stocked follow(Draw draw) {
    Stocked stocked = draw.stocked();
    clicksForIntent++;
    switch (draw.step()) {
      case BROWSE -> clicksInLine++;
      case ADVANCE -> {
        stage = (stage + 1) % intent.journey().size();
        clicksInLine = 1;
      }
      case RETURN -> {
        int back = intent.journey().indexOf(stocked.line());
        if (back < 0) {
          return stocked;
        }
        stage = back;
        clicksInLine = 1;
      }
    }
    lastInLine = stocked;
    return stocked;
  }

  private ProductLine line() {
    return intent.journey().get(stage);
  }

  private ProductLine nextLine() {
    return intent.journey().get((stage + 1) % intent.journey().size());
  }

  private double leaving() {
    if (line().role() == ProductLine.Role.SHARED) {
      return LEAVE_SHARED;
    }
    return LEAVE_OWN[Math.clamp(clicksInLine - 1, 0, LEAVE_OWN.length - 1)];
  }

  /** How decided the visitor is, which increases with every click. */
  private double sharpness() {
    return Math.min(1, 0.45 + 0.12 * clicksForIntent);
  }

  private double appeal(Stocked stocked) {
    return seenRows.get(stocked.row())
        ? 0
        : demand.of(stocked, day) * intent.taste().of(stocked, sharpness());
  }

  private double lean(Stocked stocked) {
    if (lastInLine == null) {
      return 1;
    }
    double ahead = (stocked.priceRank() - lastInLine.priceRank()) * intent.lean();
    return ahead > 0 && ahead < LEAN_REACH ? LEAN : 1;
  }

  private double pull(Stocked stocked) {
    int since = seen.size() - 1 - seen.indexOf(stocked);
    return StrictMath.pow(FADING, since) * intent.taste().of(stocked, 1);
  }
}
