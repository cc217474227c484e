package io.attune.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.benmanes.caffeine.cache.Ticker;
import io.attune.lucene.ItemIndex;
import io.attune.server.Client.Reply;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.store.ByteBuffersDirectory;
import org.apache.lucene.store.Directory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The page, as it is served and in a browser. */
@Timeout(120)
class ShopPageTest {
  /** Waits in the page until something is so. */
  private static final String UNTIL = """
      const until = async (what, is) => {
        for (let i = 0; i < 1500; i++) {
          if (document.readyState === "complete" && document.body.dataset.busy === "false" && is()) return;
          await new Promise(done => setTimeout(done, 20));
        }
        throw new Error("not so: " + what + ": " + document.body.innerText);
      };
      const all = selector => [...document.querySelectorAll(selector)];
      const press = async (selector, n, what, is) => { all(selector)[n].click(); await until(what, is); };
      const search = async text => {
        document.getElementById("q").value = text;
        document.getElementById("form").requestSubmit();
        await until("hits", () => all("#both li").length > 0);
      };
      """;

  @TempDir
  private Path folder;

  private final Directory index = new ByteBuffersDirectory();
  private AttuneServer server;
  private Client client;

  @BeforeEach
  void start() throws IOException {
    Path model = folder.resolve("model");
    RandomModel.save(model, 30, 1);
    ItemIndex.write(
        index,
        IntStream.rangeClosed(1, 30)
            .mapToObj(i -> new ItemIndex.Item(
                "i" + i,
                Map.of("title", "Red <b>boot</b><img src=x onerror=alert(1)> number " + i)))
            .toList());
    server = AttuneServer.builder(model, Clock.systemUTC(), Ticker.systemTicker())
        .address(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
        .index(DirectoryReader.open(index), "id")
        .start();
    client = new Client(server.address());
  }

  @AfterEach
  void stop() throws IOException {
    client.close();
    server.close();
    index.close();
  }

  @Test
  void thePageAsksThisServerAloneAndNeverReadsMarkup() {
    Reply page = client.get("/");
    assertThat(page.response().headers().firstValue("Content-Type"))
        .hasValue("text/html; charset=utf-8");
    assertThat(page.response().headers().firstValue("Content-Security-Policy").orElseThrow())
        .contains("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'")
        .doesNotContain("unsafe", "*", "http");
    for (String path : List.of("/", "/shop.css", "/shop.js")) {
      String text = client.get(path).body();
      assertThat(text).as(path).isNotEmpty().doesNotContain("//cdn", "http:", "https:", "@import");
      assertThat(text)
          .as(path)
          .doesNotContain(
              "innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(");
      assertThat(Pattern.compile("\\bon[a-z]+=|style=").matcher(text).find())
          .as(path)
          .isFalse();
    }
  }

  @Test
  void aVisitorClicksSearchesAndIsForgottenAndAnotherSeesAnotherOrder() throws Exception {
    Optional<Path> program = Browser.program();
    assumeTrue(program.isPresent(), "no chromium on the path");
    String address = "http://127.0.0.1:" + server.address().getPort() + "/";
    try (Browser browser = Browser.start(program.get(), folder.resolve("profile"), 500)) {
      Browser.Tab anna = browser.open(address);
      JsonNode popular = anna.run(UNTIL + """
            await until("items", () => all("#items li").length === 12);
            return [document.getElementById("items-title").innerText, all("#items button")[0].dataset.item,
                    document.getElementById("visit-empty").checkVisibility()];
            """);
      assertThat(texts(popular)).containsExactly("Popular", "i30", "true");

      JsonNode visited = anna.run(UNTIL + """
            await press("#items button", 0, "one click", () => all("#visit li").length === 1);
            await press("#items button", 3, "two clicks", () => all("#visit li").length === 2);
            await press("#items button", 5, "three clicks", () => all("#visit li").length === 3);
            await search("number");
            return [sessionStorage.getItem("visitor"), document.getElementById("items-title").innerText,
                    document.body.innerText.includes("Red <b>boot</b><img src=x"), all("main b, main img").length,
                    all("#visit meter").map(m => m.value).reduce((a, b) => a + b),
                    document.documentElement.scrollWidth <= window.innerWidth];
            """);
      String id = visited.path(0).asText();
      assertThat(id).matches("page-[0-9a-f]{32}");
      assertThat(texts(visited).subList(1, 4)).containsExactly("For you", "true", "0");
      assertThat(visited.path(4).asDouble()).isBetween(0.99, 1.01);
      assertThat(visited.path(5).asBoolean()).as("no sideways scrolling").isTrue();

      Reply expected = client.get("/search?q=number&k=10&session=" + id);
      assertThat(expected.json().path("clicks")).hasSize(3);
      JsonNode hits = anna.run(UNTIL + """
            return [all("#both button").map(b => b.dataset.item).join(" "),
                    all("#words button").map(b => b.dataset.item).join(" "),
                    ...all("#both .moved").map(m => m.innerText)];
            """);
      assertThat(hits.path(0).asText()).isEqualTo(expected.ids("hits"));
      assertThat(hits.path(1).asText())
          .isEqualTo(client.get("/search?q=number&k=10").ids("hits"))
          .isNotEqualTo(hits.path(0).asText());
      for (int i = 0; i < 10; i++) {
        int up = expected.json().path("hits").path(i).path("was").asInt() - (i + 1);
        assertThat(hits.path(2 + i).asText())
            .isEqualTo(up > 0 ? "▲ up " + up : up < 0 ? "▼ down " + -up : "same");
      }

      // What is not the page's own script does not run.
      assertThat(anna.run("""
                  const script = document.createElement("script");
                  script.textContent = "window.injected = true";
                  document.body.append(script);
                  return String(window.injected);
                  """).asText()).isEqualTo("undefined");

      Browser.Tab bert = browser.open(address);
      JsonNode other = bert.run(UNTIL + """
            await until("items", () => all("#items li").length === 12);
            await press("#items button", 9, "one click", () => all("#visit li").length === 1);
            await search("number");
            return [sessionStorage.getItem("visitor"), all("#both button").map(b => b.dataset.item).join(" ")];
            """);
      assertThat(other.path(0).asText()).isNotEqualTo(id);
      assertThat(other.path(1).asText()).isNotEqualTo(hits.path(0).asText());

      JsonNode forgotten = anna.run(UNTIL + """
            await press("#forget", 0, "forgotten", () => all("#visit li").length === 0);
            return [document.getElementById("items-title").innerText,
                    all("#both button").map(b => b.dataset.item).join(" ") ===
                    all("#words button").map(b => b.dataset.item).join(" ")];
            """);
      assertThat(texts(forgotten)).containsExactly("Popular", "true");
      assertThat(client.get("/sessions/" + id + "/recommendations").json().path("clicks"))
          .isEmpty();
    }
  }

  private static List<String> texts(JsonNode list) {
    return StreamSupport.stream(list.spliterator(), false).map(JsonNode::asText).toList();
  }
}
