/** Offline evaluation: the rank of the true next item, and what is computed from ranks. */
@NullMarked
package io.attune.evaluation;

import org.jspecify.annotations.NullMarked;
