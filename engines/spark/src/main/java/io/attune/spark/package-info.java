/**
 * Batch recommendation and evaluation as Spark jobs. A partition's work is done by iterators of
 * session-loader and recommender-core, which know nothing of Spark; here are only the tables, the
 * way of the model to the executors, and the command line.
 */
@NullMarked
package io.attune.spark;

import org.jspecify.annotations.NullMarked;
