package io.attune.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import io.attune.encoder.EncoderConfigs;
import io.attune.encoder.NeuralRecommender;
import io.attune.model.EncoderConfig;
import io.attune.model.Model;
import io.attune.model.Readout;
import io.attune.model.TransformerConfig;
