/**
 * An OpenSearch cluster of several processes on this machine, assembled of Maven artifacts: for the
 * tests of the plugin, for its example, and to measure it.
 */
@NullMarked
package io.attune.opensearch.cluster;

import org.jspecify.annotations.NullMarked;
