package io.attune.cli;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** The numbers that an option takes, both ends among them; checked before the command runs. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.FIELD)
@interface Bounds {
  /** The least. */
  double min() default Double.NEGATIVE_INFINITY;

  /** The most. */
  double max() default Double.POSITIVE_INFINITY;
}
