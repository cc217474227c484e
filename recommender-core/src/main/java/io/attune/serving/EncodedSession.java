package io.attune.serving;

/**
 * A session's vector with the model that made it: the one to look items up in.
 *
 * @param model that encoded the session
 * @param vector what the session looks for
 */
public record EncodedSession(ServingModel model, SessionVector vector) {}
