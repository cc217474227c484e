/**
 * Recommendations for many sessions at once: a stream of sessions in, the best items of each out,
 * into files of several formats and in parts, so that a run that was stopped goes on.
 */
@NullMarked
package io.attune.batch;

import org.jspecify.annotations.NullMarked;
