/** Models of every kind, opened from where they were saved. */
@NullMarked
package io.attune.saved;

import org.jspecify.annotations.NullMarked;
