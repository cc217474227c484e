/**
 * Simple methods that a neural model must beat, each with its source. No tensors here: counting and
 * comparing sessions is all they do, and training takes seconds.
 */
@NullMarked
package io.attune.baseline;

import org.jspecify.annotations.NullMarked;
