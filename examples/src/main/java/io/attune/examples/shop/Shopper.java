package io.attune.examples.shop;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * A visitor who clicks all but the last product of a visit, and searches one word of the title of
 * the last. They read the hits from the top, give up at each with a chance of one in eight, click
 * what they want, and sometimes something else.
 *
 * @param session the visit
 * @param browsed the clicks before the search
 * @param wanted what they search for, with the time of the search
 * @param words what they search by
 */
record Shopper(String session, List<ShopClick> browsed, ShopClick wanted, String words) {

  /** The visitor of a visit of two clicks or more. */
  static Shopper of(Shop shop, List<ShopClick> visit, Random random) {
    ShopClick wanted = visit.getLast();
    String[] words = Arrays.stream(shop.title(wanted.itemId()).split("[^\\p{L}']+"))
        .filter(word -> word.length() > 3)
        .toArray(String[]::new);
    return new Shopper(
        wanted.sessionId(),
        List.copyOf(visit.subList(0, visit.size() - 1)),
        wanted,
        words[random.nextInt(words.length)]);
  }

  /** Reads hits, best first, and returns those that are clicked. */
  List<String> click(List<String> hits, Random random) {
    List<String> clicked = new ArrayList<>();
    for (String hit : hits) {
      boolean isWanted = hit.equals(wanted.itemId());
      if (isWanted || random.nextInt(25) == 0) {
        clicked.add(hit);
      }
      if (isWanted || random.nextInt(8) == 0) {
        break;
      }
    }
    return clicked;
  }
}
