package io.attune.evaluation;

import java.util.List;

/** Some of many ids, for a sentence that shows what is meant. */
public final class Examples {
  private static final int SHOWN = 3;
  private static final int LONGEST = 60;

  private Examples() {}

  /** Such as {@code 12, 15, 20, …}: the first {@value #SHOWN}, long ones cut. */
  public static String of(List<String> ids) {
    StringBuilder text = new StringBuilder();
    for (String id : ids.subList(0, Math.min(SHOWN, ids.size()))) {
      text.append(text.isEmpty() ? "" : ", ");
      text.append(id.length() > LONGEST ? id.substring(0, LONGEST) + "…" : id);
    }
    return text + (ids.size() > SHOWN ? ", …" : "");
  }
}
