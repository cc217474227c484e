/** What the words of an item say of its vector. */
@NullMarked
package io.attune.text;

import org.jspecify.annotations.NullMarked;
