package io.attune.serving;

/**
 * A session's vector together with the model that produced it, whose item vectors it is to be
 * compared with.
 *
 * @param model the model that encoded the session
 * @param vector the encoded session
 */
public record EncodedSession(ServingModel model, SessionVector vector) {}
