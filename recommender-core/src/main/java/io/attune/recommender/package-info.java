/** Recommenders: whatever scores all items after the clicks of a session. No tensors here. */
@NullMarked
package io.attune.recommender;

import org.jspecify.annotations.NullMarked;
