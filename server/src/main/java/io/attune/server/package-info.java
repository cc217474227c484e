/** A model over HTTP: clicks in, recommendations and re-ranked hits out. */
@NullMarked
package io.attune.server;

import org.jspecify.annotations.NullMarked;
