package io.attune.evaluation;

/**
 * How much better one recommender is than another by a metric.
 *
 * @param mean by how much
 * @param interval where the difference lies with 95 % confidence
 * @param pValue p: how likely a difference of this size or more is where there is none
 */
public record Difference(double mean, Interval interval, double pValue) {}
