/**
 * Click logs: the formats, how they are recognised, and how they are read into sessions.
 *
 * <p>{@link io.attune.log.ClickLog} is the way in. Times are milliseconds since 1970-01-01T00:00Z.
 * Nothing here prints, exits, or reads a clock that was not handed in.
 */
@NullMarked
package io.attune.log;

import org.jspecify.annotations.NullMarked;
