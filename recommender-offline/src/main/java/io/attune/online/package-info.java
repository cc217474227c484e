/**
 * Online comparison of two rankings by the clicks on interleaved searches. Start with
 * {@link io.attune.online.OnlineComparison}.
 */
@NullMarked
package io.attune.online;

import org.jspecify.annotations.NullMarked;
