/**
 * The search for a configuration: from which settings it is drawn, who goes on and who is given up,
 * and a journal by which a stopped search continues. Needs no engine: training is handed in.
 */
@NullMarked
package io.attune.tuning;

import org.jspecify.annotations.NullMarked;
