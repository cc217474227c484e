/**
 * Offline evaluation: ranks of the true next items, metrics with confidence intervals, significance
 * tests, checks for leaks, and TREC files. Start with {@link io.attune.evaluation.Evaluator}.
 */
@NullMarked
package io.attune.evaluation;

import org.jspecify.annotations.NullMarked;
