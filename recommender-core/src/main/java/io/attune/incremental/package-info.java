/**
 * Session encoders in plain Java that take one step per click. They produce the same query vectors
 * as the encoders of the engine, up to rounding.
 */
@NullMarked
package io.attune.incremental;

import org.jspecify.annotations.NullMarked;
