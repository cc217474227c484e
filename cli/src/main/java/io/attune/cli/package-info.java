/**
 * The command line {@code attune}: each command parses its options, calls the libraries and prints.
 */
@NullMarked
package io.attune.cli;

import org.jspecify.annotations.NullMarked;
