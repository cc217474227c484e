package io.attune.tuning;

import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/**
 * The search space of a tuning run.
 *
 * @param encoder settings of the encoder
 * @param training settings of its training
 */
public record SearchSpace(EncoderSpace encoder, TrainingSpace training) {
  private static final int MAX_DRAWS = 100_000;

  /**
   * The space around a configuration.
   *
   * @param kept names of settings, such as {@code dimension}, that stay as they are
   */
  public static SearchSpace around(Candidate from, Set<String> kept) {
    Ranges ranges = new Ranges(kept);
    return new SearchSpace(
        EncoderSpace.around(from.encoder(), ranges), TrainingSpace.around(from.training(), ranges));
  }

  /** The initial configuration. */
  Candidate from() {
    return new Candidate(encoder.from(), training.from());
  }

  /**
   * Distinct candidates, starting with the initial configuration. The stream ends when hardly any
   * new ones are left.
   */
  Stream<Candidate> candidates(RandomGenerator random) {
    Stream<Candidate> drawn = Stream.generate(
            () -> new Candidate(encoder.draw(random), training.draw(random)))
        .limit(MAX_DRAWS);
    return Stream.concat(Stream.of(from()), drawn).distinct();
  }
}
