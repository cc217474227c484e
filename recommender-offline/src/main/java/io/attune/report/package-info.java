/**
 * An evaluation for readers: as text, as JSON, as a page with charts, and as files for other tools.
 */
@NullMarked
package io.attune.report;

import org.jspecify.annotations.NullMarked;
