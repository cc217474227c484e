/** The recommender contract: scoring, ranking and recommending items after a session's clicks. */
@NullMarked
package io.attune.recommender;

import org.jspecify.annotations.NullMarked;
