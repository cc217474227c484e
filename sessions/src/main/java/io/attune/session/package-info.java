/**
 * Sessions in columns, the item vocabulary, filters and splits.
 *
 * <p>Items are strings outside and dense rows inside; row 0 is padding and means "unknown". Times
 * are milliseconds since 1970-01-01T00:00Z. Nothing here prints, exits, or reads a clock or a
 * random source.
 */
@NullMarked
package io.attune.session;

import org.jspecify.annotations.NullMarked;
