/**
 * Trained models in plain Java: one click at a time, with no engine and no native library.
 *
 * <p>Shapes are those of {@code io.attune.encoder}: {@code L} clicks of a session, {@code W} clicks
 * looked back on, {@code D} embedding size, {@code H} hidden size, {@code V} items, so that a table
 * has {@code V + 1} rows of which row 0 is padding.
 */
@NullMarked
package io.attune.serving;

import org.jspecify.annotations.NullMarked;
