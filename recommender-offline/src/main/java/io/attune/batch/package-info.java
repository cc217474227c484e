/**
 * Batch recommendation: the best items for each of many sessions, as a stream or written to files
 * by runs that can be resumed.
 */
@NullMarked
package io.attune.batch;

import org.jspecify.annotations.NullMarked;
