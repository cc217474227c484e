/** Item vectors of other programs in, and encoders for other programs out. */
@NullMarked
package io.attune.exchange;

import org.jspecify.annotations.NullMarked;
