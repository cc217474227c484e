/**
 * Sessions stored by column, the item vocabulary, filters and train-test splits.
 *
 * <p>Outside, items are strings; inside, they are dense rows from 1. Row 0 is padding and also
 * stands for unknown items. Times are milliseconds since 1970-01-01T00:00Z. Nothing here prints,
 * exits, or reads a clock or a random source.
 */
@NullMarked
package io.attune.session;

import org.jspecify.annotations.NullMarked;
