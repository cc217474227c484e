package io.attune.session;

import org.jspecify.annotations.Nullable;

/**
 * The ids of sessions: a key of the log, followed by a number from 1 if keys were cut into parts.
 */
final class SessionIds {
  private final IdTable keys;

  /** The key of each session; null if session s has key s. */
  private final int @Nullable [] key;

  /** The number of each part; null if keys were not cut into parts. */
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
