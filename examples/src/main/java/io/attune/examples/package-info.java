/** Small programs to read and to copy. */
@NullMarked
package io.attune.examples;

import org.jspecify.annotations.NullMarked;
