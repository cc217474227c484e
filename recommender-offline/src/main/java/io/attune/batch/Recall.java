package io.attune.batch;

/**
 * What a search that may miss some of the best items found of them, beside one of all items.
 *
 * @param sessions how many were compared
 * @param found the share of their best items that were found, 0 to 1
 */
public record Recall(int sessions, double found) {}
