package io.attune.incremental;

/**
 * What a head of self-attention attends to at the newest click.
 *
 * @param layer its layer, from 1, which reads the clicks
 * @param head its number in the layer, from 1
 * @param shares float32 (kept clicks): the share of each click, oldest first, adding up to 1
 */
public record AttentionHead(int layer, int head, float[] shares) {}
