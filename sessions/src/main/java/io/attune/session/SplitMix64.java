package io.attune.session;

/**
 * The mixing function of the SplitMix64 generator, which turns similar numbers into unrelated ones,
 * for hashes and for deriving seeds.
 *
 * <p>Source: Steele, Lea and Flood 2014, "Fast splittable pseudorandom number generators", section
 * 2.3: adds the golden gamma, then applies variant 13 of Stafford's finalizers.
 */
public final class SplitMix64 {
  private SplitMix64() {}

  /**
   * Mixes a number: the first output of the generator with this seed. Distinct numbers give
   * distinct results.
   */
  public static long mix(long value) {
    long mixed = value + 0x9e3779b97f4a7c15L;
    mixed = (mixed ^ (mixed >>> 30)) * 0xbf58476d1ce4e5b9L;
    mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
    return mixed ^ (mixed >>> 31);
  }
}
