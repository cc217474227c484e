/** What a ranking is worth: metrics at a cutoff, and the rules for ties. */
@NullMarked
package io.attune.metric;

import org.jspecify.annotations.NullMarked;
