/**
 * The encoders in plain Java, one click at a time: a state goes one click on, and gives the query
 * vector of the clicks so far. They equal the encoders of the engine but for the last digits.
 */
@NullMarked
package io.attune.incremental;

import org.jspecify.annotations.NullMarked;
