package io.attune.session;

import org.jspecify.annotations.Nullable;

/**
 * The names of sessions: a key of the log, and for a part of a user's history its number from 1.
 */
final class SessionIds {
  private final IdTable keys;

  /** The key of each session; null when session s has key s. */
  private final int @Nullable [] key;

  /** The number of each part; null when keys are not cut into parts. */
  private final int @Nullable [] part;

  SessionIds(IdTable keys, int @Nullable [] key, int @Nullable [] part) {
    this.keys = keys;
    this.key = key;
    this.part = part;
  }

  static SessionIds of(IdTable keys) {
    return new SessionIds(keys, null, null);
  }

  String id(int session) {
    String name = keys.get(key == null ? session : key[session]);
    return part == null ? name : name + "/" + part[session];
  }

  SessionIds select(int[] sessions) {
    int[] newKey = new int[sessions.length];
    int[] newPart = part == null ? null : new int[sessions.length];
    for (int i = 0; i < sessions.length; i++) {
      newKey[i] = key == null ? sessions[i] : key[sessions[i]];
      if (part != null && newPart != null) {
        newPart[i] = part[sessions[i]];
      }
    }
    return new SessionIds(keys, newKey, newPart);
  }
}
