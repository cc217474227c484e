/**
 * Hyperparameter search: the search space, successive halving, and a journal from which a stopped
 * search resumes. Needs no engine: training is passed in.
 */
@NullMarked
package io.attune.tuning;

import org.jspecify.annotations.NullMarked;
