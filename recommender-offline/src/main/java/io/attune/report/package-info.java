/** Reports as text, JSON and HTML pages, and exports for other tools. */
@NullMarked
package io.attune.report;

import org.jspecify.annotations.NullMarked;
