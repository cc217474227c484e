package io.attune.session;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;

/** The SHA-256 of sessions, with which a model records its training data. */
public final class DataHash {
  private DataHash() {}

  /**
   * Hashes the item ids and, if known, the times of all sessions in order. The same clicks have the
   * same hash whatever file, format or compression they were read from; session ids and rows do not
   * matter.
   */
  public static String of(Sessions sessions) {
    MessageDigest digest = Sha256.digest();
    List<String> ids = sessions.vocabulary().ids();
    byte[][] items = new byte[ids.size() + 1][];
    items[0] = new byte[0];
    for (int row = 1; row < items.length; row++) {
      items[row] = ids.get(row - 1).getBytes(StandardCharsets.UTF_8);
    }
    ByteBuffer head = ByteBuffer.allocate(16);
    for (int session = 0; session < sessions.size(); session++) {
      head.clear().putInt(sessions.length(session));
      digest.update(head.flip());
      for (int click = sessions.start(session); click < sessions.end(session); click++) {
        byte[] item = items[sessions.item(click)];
        head.clear().putInt(item.length);
        if (sessions.hasTimes()) {
          head.putLong(sessions.time(click));
        }
        digest.update(head.flip());
        digest.update(item);
      }
    }
    return Sha256.hex(digest);
  }
}
