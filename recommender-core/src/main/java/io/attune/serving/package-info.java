/**
 * Serving without native code: trained weights as plain arrays, one step per click. The same
 * encoders as in {@code io.attune.encoder}, whose results they equal; no engine is loaded.
 */
@NullMarked
package io.attune.serving;

import org.jspecify.annotations.NullMarked;
