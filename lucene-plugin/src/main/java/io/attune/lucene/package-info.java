/**
 * Sessions in Lucene: a query's hits re-ranked, items retrieved, and both explained, by what a
 * visitor has clicked. Nothing here needs an engine or native code.
 */
@NullMarked
package io.attune.lucene;

import org.jspecify.annotations.NullMarked;
