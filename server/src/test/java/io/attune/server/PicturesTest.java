package io.attune.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.benmanes.caffeine.cache.Ticker;
import io.attune.lucene.ItemIndex;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.store.ByteBuffersDirectory;
import org.apache.lucene.store.Directory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The pictures of the page in the documentation. They are made anew, in a browser, from the folder
 * of a quickstart: {@code ./attune quickstart --out SHOP}, then {@code mvn test -pl server -am
 * -Dtest=PicturesTest -Dsurefire.failIfNoSpecifiedTests=false -Dattune.docs.shop=SHOP}.
 */
@Timeout(120)
class PicturesTest {
  private static final String SHOP = System.getProperty("attune.docs.shop", "");
  private static final Path DOCS = Path.of("..", "docs");
  private static final int MAX_BYTES = 150_000;

  /** Clicks three of a product line, and searches. */
  private static final String VISIT = """
      const until = async is => {
        for (let i = 0; i < 1500; i++) {
          if (document.readyState === "complete" && document.body.dataset.busy === "false" && is()) return;
          await new Promise(done => setTimeout(done, 20));
        }
        throw new Error("not so: " + document.body.innerText);
      };
      const all = selector => [...document.querySelectorAll(selector)];
      const search = async (text, is) => {
        document.getElementById("q").value = text;
        document.getElementById("form").requestSubmit();
        await until(is);
      };
      await until(() => all("#items li").length > 0);
      await search("earbud", () => all("#words li").length > 0);
      for (const [place, clicks] of [[0, 1], [2, 2], [4, 3]]) {
        all("#words button")[place].click();
        await until(() => all("#visit li").length === clicks);
      }
      await search("black", () => all("#words button").some(b => b.innerText.includes("black")));
      document.activeElement.blur();
      window.scrollTo(0, 0);
      if (innerWidth < 640) document.getElementById("both-title").scrollIntoView();
      return all("#visit li").length;
      """;

  /** A picture. */
  enum Picture {
    SHOP(1040, 880),
    PHONE(400, 1000);

    private final int width;
    private final int height;

    Picture(int width, int height) {
      this.width = width;
      this.height = height;
    }

    String file() {
      return this == SHOP ? "shop.png" : "shop-phone.png";
    }
  }

  @TempDir
  private Path folder;

  @BeforeEach
  void makeThem() throws Exception {
    if (SHOP.isEmpty()) {
      return;
    }
    try (Directory index = new ByteBuffersDirectory()) {
      ItemIndex.write(index, items(Path.of(SHOP, "items.tsv")));
      try (AttuneServer server = AttuneServer.builder(
                  Path.of(SHOP, "model"), Clock.systemUTC(), Ticker.systemTicker())
              .address(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
              .index(DirectoryReader.open(index), "id")
              .start();
          Browser browser =
              Browser.start(Browser.program().orElseThrow(), folder.resolve("profile"), 1040)) {
        for (Picture each : Picture.values()) {
          Browser.Tab tab = browser.open("http://127.0.0.1:" + server.address().getPort() + "/");
          tab.resize(each.width, each.height);
          assertThat(tab.run(VISIT).asInt()).isEqualTo(3);
          Files.createDirectories(DOCS.resolve("serving"));
          Files.write(DOCS.resolve("serving").resolve(each.file()), tab.picture());
        }
      }
    }
  }

  private static List<ItemIndex.Item> items(Path file) throws IOException {
    List<String> lines = Files.readAllLines(file);
    List<String> names = List.of(lines.getFirst().split("\t", -1));
    return lines.subList(1, lines.size()).stream()
        .map(line -> {
          String[] cells = line.split("\t", -1);
          Map<String, String> fields = new LinkedHashMap<>();
          for (int i = 1; i < cells.length; i++) {
            fields.put(names.get(i), cells[i]);
          }
          return new ItemIndex.Item(cells[0], fields);
        })
        .toList();
  }

  @ParameterizedTest
  @EnumSource(Picture.class)
  void eachIsThereSmallAndDescribed(Picture picture) throws IOException {
    Path file = DOCS.resolve("serving").resolve(picture.file());
    assertThat(Files.size(file)).isLessThanOrEqualTo(MAX_BYTES);
    BufferedImage image = ImageIO.read(file.toFile());
    assertThat(image.getWidth()).isEqualTo(picture.width);
    assertThat(image.getHeight()).isEqualTo(picture.height);
    assertThat(Files.readString(DOCS.resolve("serving.md")))
        .containsPattern("!\\[[^\\]]{40,}\\]\\(serving/" + picture.file() + "\\)");
  }
}
