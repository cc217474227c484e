/** Trained models and their configurations, and how they are stored on disk. */
@NullMarked
package io.attune.model;

import org.jspecify.annotations.NullMarked;
