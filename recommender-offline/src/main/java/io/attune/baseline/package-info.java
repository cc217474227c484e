/**
 * Baselines that a neural model has to beat, each with its source: popularity, item-to-item rules
 * and session-based nearest neighbours. They need no tensors and train in seconds.
 */
@NullMarked
package io.attune.baseline;

import org.jspecify.annotations.NullMarked;
