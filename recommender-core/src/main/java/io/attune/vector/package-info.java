/** Tables of item vectors, top-k scans over them, and the vector arithmetic behind both. */
@NullMarked
package io.attune.vector;

import org.jspecify.annotations.NullMarked;
