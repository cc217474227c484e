package io.attune.evaluation;

/**
 * The paired difference between two recommenders by a metric.
 *
 * @param mean the mean difference
 * @param interval its 95 % confidence interval
 * @param pValue the p-value: the probability of a difference at least this large if there is none
 */
public record Difference(double mean, Interval interval, double pValue) {}
