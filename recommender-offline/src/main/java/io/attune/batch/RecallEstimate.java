package io.attune.batch;

/**
 * The recall of an approximate search, measured against the exact one on a sample.
 *
 * @param sessions number of sessions in the sample
 * @param recall fraction of their best items that the approximate search found, 0 to 1
 */
public record RecallEstimate(int sessions, double recall) {}
