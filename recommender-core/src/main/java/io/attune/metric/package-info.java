/** Accuracy metrics at a cutoff, and tie-breaking rules. */
@NullMarked
package io.attune.metric;

import org.jspecify.annotations.NullMarked;
