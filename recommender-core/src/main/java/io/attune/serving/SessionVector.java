package io.attune.serving;

/**
 * What a session looks for, as search sees it.
 *
 * @param version of the model that says so, {@link ServingModel#version}: its item vectors, and no
 *     others, may be compared with the query vector
 * @param query float32 (D): the query vector; zero where no known item has been clicked
 * @param clicks item rows of the clicks that attention looks back on, oldest first
 * @param attention the share of each of these clicks in the attention, adding up to 1
 */
public record SessionVector(String version, float[] query, int[] clicks, float[] attention) {

  public SessionVector {
    if (version.isEmpty()) {
      throw new IllegalArgumentException("a session's vector must name the version of its model");
    }
    if (clicks.length != attention.length) {
      throw new IllegalArgumentException(
          clicks.length + " clicks cannot have " + attention.length + " shares of attention");
    }
  }

  /** Of a session in which nothing known has been clicked. */
  public static SessionVector empty(String version, int dimension) {
    return new SessionVector(version, new float[dimension], new int[0], new float[0]);
  }

  /** Whether nothing known has been clicked, so that there is nothing to rank by. */
  public boolean isEmpty() {
    return clicks.length == 0;
  }
}
