/**
 * Session-based ranking in Lucene: re-ranking the hits of a query by a visitor's clicks, retrieving
 * items by them, and explaining both. Needs no engine and no native code.
 */
@NullMarked
package io.attune.lucene;

import org.jspecify.annotations.NullMarked;
