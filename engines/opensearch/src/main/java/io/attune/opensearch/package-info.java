/**
 * An OpenSearch plugin for session-based ranking, built on {@code io.attune.lucene} and
 * {@code io.attune.serving}.
 *
 * <p>A session is encoded once, on the coordinating node; shards receive its vector.
 */
@NullMarked
package io.attune.opensearch;

import org.jspecify.annotations.NullMarked;
