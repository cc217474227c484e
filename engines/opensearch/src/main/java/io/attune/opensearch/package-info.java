/**
 * Sessions in OpenSearch: a thin plugin over {@code io.attune.lucene} and
 * {@code io.attune.serving}.
 *
 * <p>A session is encoded once, on the node that a request reaches; shards see its vector.
 */
@NullMarked
package io.attune.opensearch;

import org.jspecify.annotations.NullMarked;
