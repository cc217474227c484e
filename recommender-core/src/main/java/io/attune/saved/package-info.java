/** Opening saved models of every kind. */
@NullMarked
package io.attune.saved;

import org.jspecify.annotations.NullMarked;
