package io.attune.log;

import io.attune.session.Sessions;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/** SHA-256 of data, in hexadecimal, to know later from what a model was trained. */
public final class DataHash {
  private DataHash() {}

  /**
   * The hash of the bytes of these files as they lie on disk, in this order; names do not matter.
   */
  public static String ofFiles(List<Path> paths) throws LogFormatException {
    MessageDigest digest = sha256();
    byte[] buffer = new byte[1 << 16];
    for (Path path : paths) {
      try (InputStream in = Files.newInputStream(path)) {
        for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
          digest.update(buffer, 0, read);
        }
      } catch (IOException e) {
        throw LogFile.explain(path, 0, e);
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  /**
   * The hash of what sessions contain: item ids, and times where there are any, session by session
   * in their order. The same clicks have the same hash whatever file, format, or compression they
   * came from; ids of sessions and rows do not matter.
   */
  public static String of(Sessions sessions) {
    MessageDigest digest = sha256();
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
    return HexFormat.of().formatHex(digest.digest());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java has SHA-256", e);
    }
  }
}
