/**
 * Tables of item vectors, exact and bounded scans over them, and the arithmetic they are made of.
 */
@NullMarked
package io.attune.vector;

import org.jspecify.annotations.NullMarked;
