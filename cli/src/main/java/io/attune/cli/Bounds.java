package io.attune.cli;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** The inclusive range of a numeric option, checked before the command runs. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.FIELD)
@interface Bounds {
  /** The smallest value. */
  double min() default Double.NEGATIVE_INFINITY;

  /** The largest value. */
  double max() default Double.POSITIVE_INFINITY;
}
