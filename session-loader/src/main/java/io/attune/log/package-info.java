/**
 * Click logs: their formats, format detection, and reading them into sessions.
 *
 * <p>Start with {@link io.attune.log.ClickLog}. Times are milliseconds since 1970-01-01T00:00Z.
 * Nothing here prints, exits, or reads a clock that was not passed in.
 */
@NullMarked
package io.attune.log;

import org.jspecify.annotations.NullMarked;
