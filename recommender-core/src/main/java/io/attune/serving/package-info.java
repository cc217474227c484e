/** Online serving without an engine or native code: models, live sessions and their vectors. */
@NullMarked
package io.attune.serving;

import org.jspecify.annotations.NullMarked;
