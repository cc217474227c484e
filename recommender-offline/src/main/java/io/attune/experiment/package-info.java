/** Offline experiments on how much sessions improve text search. */
@NullMarked
package io.attune.experiment;

import org.jspecify.annotations.NullMarked;
