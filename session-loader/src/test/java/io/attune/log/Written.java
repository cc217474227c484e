package io.attune.log;

import com.github.luben.zstd.ZstdOutputStream;
import io.attune.session.Sessions;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;

/** Sample logs in all formats, and helpers to write and compare logs. */
final class Written {
  static final String OTTO = """
      {"session":7,"events":[{"aid":1,"ts":1661724000378,"type":"clicks"},{"aid":2,"ts":1661724001000,"type":"carts"},{"aid":3,"ts":1661724000100,"type":"clicks"}]}
      {"events":[{"ts":1661724000378,"type":"clicks","aid":"x"}],"session":"8"}
      """;
  static final String UBI = """
      {"index":{"_index":"ubi_events"}}
      {"action_name":"click","client_id":"c1","session_id":"s1","timestamp":"2024-11-05T10:00:00.000Z","event_attributes":{"object":{"object_id":"A1","object_id_field":"sku"},"position":{"ordinal":3}}}
      {"_source":{"action_name":"view","client_id":"c1","session_id":"s1","timestamp":1730800860000,"event_attributes":{"object":{"object_id":"A2"}}}}
      {"action_name":"search","client_id":"c1","session_id":"s1","timestamp":"2024-11-05T10:02:00Z"}
      """;
  static final String MOVIELENS =
      "1::1193::5::978300760\n1::661::3::978302109\n2::1193::4::978298413\n";
  static final String MOVIELENS_CSV =
      "userId,movieId,rating,timestamp\n1,31,2.5,1260759144\n1,1029,3.0,1260759179\n2,10,4.0,835355493\n";
  static final String RECBOLE =
      "session_id:token\titem_id:token\ttimestamp:float\n1\t5\t1462752000\n1\t6\t1462752031.5\n2\t5\t1462752900\n";
  static final String RECBOLE_LISTS =
      "session_id:token\titem_id_list:token_seq\titem_id:token\n1\t5 6 7\t8\n2\t5\t6\n";
  static final String DIGINETICA = """
      session_id;user_id;item_id;timeframe;eventdate
      1;NA;81766;526309;2016-05-09
      1;NA;31331;31018;2016-05-09
      2;7;32118;243569;2016-05-10
      """;
  static final String RETAILROCKET = """
      timestamp,visitorid,event,itemid,transactionid
      1433221332117,257597,view,355908,
      1433224214164,992329,view,248676,
      1433224214999,257597,addtocart,355908,
      1433221333117,257597,view,355909,
      """;
  static final String YOOCHOOSE = """
      1,2014-04-07T10:51:09.277Z,214536502,0
      1,2014-04-07T10:54:09.868Z,214536500,0
      2,2014-04-07T13:56:37.614Z,214662742,S
      """;
  static final String CSV =
      "session_id,item_id,timestamp\ns1,a,1700000000\ns1,\"b,c\",1700000060\ns2,a,1700000120\n";
  static final String PAIRS = "1 1\n1 2\n1 3\n2 1\n2 4\n";
  static final String SEQUENCES = "1 1 2 3\n2 4 5\n";
  static final String TABBED = "0\t1 2\n1\t3 4 5\n";

  private Written() {}

  static List<String> texts() {
    return List.of(
        OTTO,
        UBI,
        MOVIELENS,
        MOVIELENS_CSV,
        RECBOLE,
        RECBOLE_LISTS,
        DIGINETICA,
        RETAILROCKET,
        YOOCHOOSE,
        CSV,
        PAIRS,
        SEQUENCES,
        TABBED);
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static Path write(Path folder, String name, byte[] bytes) {
    try {
      return Files.write(folder.resolve(name), bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Path write(Path folder, String name, String text) {
    return write(folder, name, bytes(text));
  }

  static byte[] gzip(byte[] bytes) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (OutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  static byte[] zstd(byte[] bytes) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (OutputStream zstd = new ZstdOutputStream(out)) {
      zstd.write(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  static byte[] resource(String name) {
    try (InputStream in = Written.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("there is no resource " + name);
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Each session as {@code id: item item}. */
  static List<String> words(Sessions sessions) {
    List<String> words = new ArrayList<>();
    for (int session = 0; session < sessions.size(); session++) {
      StringBuilder line = new StringBuilder(sessions.id(session)).append(':');
      for (int row : sessions.items(session)) {
        line.append(' ').append(sessions.vocabulary().id(row));
      }
      words.add(line.toString());
    }
    return words;
  }
}
