/**
 * A local OpenSearch cluster of several processes, assembled from Maven artifacts, for the plugin's
 * integration tests, example and measurements. Internal: not published.
 */
@NullMarked
package io.attune.opensearch.cluster;

import org.jspecify.annotations.NullMarked;
