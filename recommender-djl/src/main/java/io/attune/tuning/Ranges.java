package io.attune.tuning;

import io.attune.model.Similarity;
import io.attune.tuning.Range.Logarithmic;
import io.attune.tuning.Range.OneOf;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Builds the range of each setting: the default range around its current value, or only that value
 * where it is kept.
 *
 * @param kept names of settings that are not searched
 */
record Ranges(Set<String> kept) {
  private static final int MAX_TENTHS_DROPPED = 7;
  private static final List<Float> SCALES = List.of(12f, 16f, 20f);

  Ranges {
    kept = Set.copyOf(kept);
  }

  <T> OneOf<T> oneOf(String name, T present, List<T> others) {
    return new OneOf<>(
        kept.contains(name)
            ? List.of(present)
            : Stream.concat(Stream.of(present), others.stream()).distinct().toList());
  }

  /** One and two tenths less and more. */
  OneOf<Float> dropouts(String name, float present) {
    int tenths = Math.round(10 * present);
    List<Float> others = IntStream.rangeClosed(tenths - 2, tenths + 2)
        .filter(each -> each != tenths && each >= 0 && each <= MAX_TENTHS_DROPPED)
        .mapToObj(each -> each / 10f)
        .toList();
    return oneOf(name, present, others);
  }

  /**
   * Half a size, one and a half, and twice.
   *
   * @param step sizes other than the current one are multiples of it
   * @param most the largest
   */
  OneOf<Integer> sizes(String name, int present, int step, int most) {
    List<Integer> others = Stream.of(0.5, 1.5, 2.0)
        .map(factor -> step * (int) Math.ceil(factor * present / step))
        .filter(size -> size <= most)
        .toList();
    return oneOf(name, present, others);
  }

  /** Cosines of several scales, and inner products; tied as at present. */
  OneOf<Similarity> similarities(Similarity present) {
    Stream<Similarity> cosines =
        SCALES.stream().map(scale -> new Similarity(true, scale, present.tied()));
    Similarity inner = new Similarity(false, 1, present.tied());
    return oneOf("similarity", present, Stream.concat(cosines, Stream.of(inner)).toList());
  }

  /** From a fraction of a number to a multiple. */
  Logarithmic around(String name, double present, double factor, double most) {
    return kept.contains(name)
        ? new Logarithmic(present, present)
        : new Logarithmic(present / factor, Math.min(most, present * factor));
  }
}
