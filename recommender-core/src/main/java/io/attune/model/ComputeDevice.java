package io.attune.model;

import java.util.Locale;

/** The device that a model's networks run on. */
public enum ComputeDevice {
  /** A GPU if the engine finds one, otherwise the CPU. */
  AUTO,
  /** The CPU. */
  CPU,
  /** The first GPU; fails with a {@link NoGpuException} if there is none. */
  GPU;

  /** Lower case, as on the command line. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
