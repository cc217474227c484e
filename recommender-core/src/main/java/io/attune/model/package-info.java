/** Trained models on disk: a manifest, a vocabulary and weights, each checked when it is read. */
@NullMarked
package io.attune.model;

import org.jspecify.annotations.NullMarked;
