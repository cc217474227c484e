package io.attune.session;

/**
 * The mixing of the SplitMix64 generator: numbers that are near each other become numbers that have
 * nothing in common, for hashes, and for seeds that are made of a seed.
 *
 * <p>Source: Steele, Lea and Flood 2014, "Fast splittable pseudorandom number generators", section
 * 2.3: the golden gamma is added, then the variant 13 of Stafford's finalizers mixes.
 */
public final class SplitMix64 {
  private SplitMix64() {}

  /**
   * What the generator with this seed draws first. No two numbers become the same one.
   *
   * @param value any number
   */
  public static long mix(long value) {
    long mixed = value + 0x9e3779b97f4a7c15L;
    mixed = (mixed ^ (mixed >>> 30)) * 0xbf58476d1ce4e5b9L;
    mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
    return mixed ^ (mixed >>> 31);
  }
}
