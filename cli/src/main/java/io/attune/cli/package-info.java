/**
 * The command {@code attune}: each command parses, makes one call into the libraries, and prints.
 */
@NullMarked
package io.attune.cli;

import org.jspecify.annotations.NullMarked;
