package io.attune.server;

/** The ids of sessions and items that requests may name. */
final class Ids {
  /** The most characters of an id. */
  static final int MAX_LENGTH = 512;

  private static final int SHOWN = 40;

  private Ids() {}

  /**
   * Checks an id.
   *
   * @param where the part of the request that it is from
   * @return the id
   * @throws RequestFailure if it is empty, too long, or has characters that do not stand for
   *     themselves in UTF-8, or are not visible
   */
  static String require(String id, String where) {
    if (id.isEmpty() || id.length() > MAX_LENGTH || !id.codePoints().allMatch(Ids::isAllowed)) {
      throw RequestFailure.invalid(
          "not an id: " + shown(id),
          where,
          "1 to " + MAX_LENGTH + " characters, none of them a control character");
    }
    return id;
  }

  private static boolean isAllowed(int codePoint) {
    return !Character.isISOControl(codePoint)
        && !(codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE);
  }

  /** A value of the client in a message: quoted, and not longer than a message should be. */
  static String shown(String value) {
    return "'" + (value.length() <= SHOWN ? value : value.substring(0, SHOWN) + "…") + "'";
  }
}
