/** Experiments that measure, offline, what sessions add to a search by words. */
@NullMarked
package io.attune.experiment;

import org.jspecify.annotations.NullMarked;
