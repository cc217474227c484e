/**
 * Session encoders as DJL networks: the clicks of a session in, a query vector out.
 *
 * <p>One legend for every shape in this package and in {@code io.attune.training}:
 *
 * <ul>
 *   <li>{@code B} sessions of a batch
 *   <li>{@code L} clicks of a session, padded on the right with row 0
 *   <li>{@code P} packed positions: the prefixes of the batch for which a query vector is wanted
 *   <li>{@code W} clicks that attention looks back on, the position's own included
 *   <li>{@code D} embedding size, which is also the size of a query vector and of an item vector
 *   <li>{@code H} hidden size
 *   <li>{@code A} attention size
 *   <li>{@code N} heads
 *   <li>{@code V} items, so that an item table has {@code V + 1} rows: row 0 is padding
 * </ul>
 *
 * <p>Tensors belong to the {@link ai.djl.ndarray.NDManager} of the batch; weights to the manager of
 * their {@link io.attune.encoder.Weights}. Inside a gradient collector nothing is multiplied,
 * divided or raised by a Java number: the engine would keep a scalar whose buffer Java may free
 * before the backward pass. Factors are arrays, or are folded into weights.
 */
@NullMarked
package io.attune.encoder;

import org.jspecify.annotations.NullMarked;
