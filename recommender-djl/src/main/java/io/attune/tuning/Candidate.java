package io.attune.tuning;

import io.attune.model.EncoderConfig;
import io.attune.training.TrainingConfig;

/**
 * A configuration to try.
 *
 * @param encoder what is trained
 * @param training how
 */
public record Candidate(EncoderConfig encoder, TrainingConfig training) {}
