package io.attune.model;

import java.util.Locale;

/** Where the networks of a model compute. */
public enum ComputeDevice {
  /** A GPU when the engine sees one, else the CPU. */
  AUTO,
  /** The CPU. */
  CPU,
  /** The first GPU; its absence is a {@link NoGpuException}. */
  GPU;

  /** In lower case, as the command line has it. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
