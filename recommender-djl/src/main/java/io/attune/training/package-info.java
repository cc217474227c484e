/**
 * Training of session encoders: the loss over all items, the optimizer, the schedule, checkpoints,
 * and the loop that ties them. Shapes are written in the letters of {@link io.attune.encoder}.
 */
@NullMarked
package io.attune.training;

import org.jspecify.annotations.NullMarked;
