package io.attune.training;

/**
 * What items without clicks get from their words, as measured on validation: some items with clicks
 * were given what their words give them.
 *
 * @param encoder which of several encoders it is; empty where there is one
 * @param items how many items have words and no clicks
 * @param length of their vectors, as a share of the mean length of trained ones
 * @param lost by the other items in HR@20, as a fraction
 * @param trained HR@20 of the items by their trained vectors, as a fraction
 * @param found HR@20 of the same items by their words, as a fraction
 */
public record UnclickedGain(
    String encoder, int items, float length, double lost, double trained, double found) {
  UnclickedGain of(String name) {
    return new UnclickedGain(name, items, length, lost, trained, found);
  }
}
