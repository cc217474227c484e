/**
 * Batch recommendation and evaluation as Spark jobs. Partitions are processed by iterators of the
 * libraries, which do not depend on Spark; this package adds the tables, the distribution of the
 * model, and the command line.
 */
@NullMarked
package io.attune.spark;

import org.jspecify.annotations.NullMarked;
