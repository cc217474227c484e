package io.attune.examples.shop;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toList;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Comparator;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShopTest {

  private static final ShopConfig SMALL = ShopConfig.DEFAULT.withProducts(800).withSessions(6_000);
  private static final Shop SHOP = Shop.simulate(SMALL, 7);

  @TempDir
  Path folder;

  @Test
  void theSameSeedWritesTheSameBytes() throws IOException {
    Path again = Files.createDirectory(folder.resolve("again"));
    write(SHOP, folder);
    write(Shop.simulate(SMALL, 7), again);
    assertThat(again.resolve("clicks.csv")).hasSameBinaryContentAs(folder.resolve("clicks.csv"));
    assertThat(again.resolve("items.tsv")).hasSameBinaryContentAs(folder.resolve("items.tsv"));
  }

  /**
   * The fingerprints were taken from this code. Whoever changes them changes every figure that was
   * measured on the shop, and says so in the CHANGELOG.
   */
  @Test
  void theShopOfASeedStaysTheSameFromReleaseToRelease() throws Exception {
    write(SHOP, folder);
    assertThat(fingerprint(folder.resolve("items.tsv"))).isEqualTo("23146dac8a6cc5dd");
    assertThat(fingerprint(folder.resolve("clicks.csv"))).isEqualTo("b73b61b260484b04");
  }

  @Test
  void anotherSeedMakesAnotherShop() {
    Shop other = Shop.simulate(SMALL, 8);
    assertThat(other.products()).isNotEqualTo(SHOP.products());
    assertThat(other.clicks().toList()).isNotEqualTo(SHOP.clicks().toList());
  }

  @Test
  void aShopHasAsManyProductsAndVisitsAsAskedFor() {
    assertThat(SHOP.products()).hasSize(800);
    assertThat(visits()).hasSize(6_000);
  }

  @Test
  void everyTitleAndEveryIdIsUniqueEvenInTheLargestShop() {
    Shop largest =
        Shop.simulate(ShopConfig.DEFAULT.withProducts(ShopConfig.MAX_PRODUCTS).withSessions(1), 3);
    assertThat(largest.products()).hasSize(ShopConfig.MAX_PRODUCTS);
    assertThat(largest.products()).extracting(Product::title).doesNotHaveDuplicates();
    assertThat(largest.products()).extracting(Product::itemId).doesNotHaveDuplicates();
  }

  @Test
  void aTitleNamesTheBrandAndCanBeFoundByItsId() {
    for (Product product : SHOP.products()) {
      assertThat(product.title()).startsWith(product.brand() + " ").contains(", ");
      assertThat(SHOP.title(product.itemId())).isEqualTo(product.title());
      assertThat(product.category().split(" > ", -1)).hasSizeBetween(2, 3);
    }
  }

  @Test
  void anUnknownIdIsNamed() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SHOP.title("hik-9999"))
        .withMessage("the shop has no product 'hik-9999'");
  }

  @Test
  void clicksAreOrderedByTimeAndNoVisitClicksTwiceInOneSecond() {
    assertThat(SHOP.clicks().map(ShopClick::time)).isSorted();
    for (List<ShopClick> visit : visits().values()) {
      assertThat(visit).extracting(ShopClick::time).doesNotHaveDuplicates();
    }
  }

  @Test
  void visitsHaveTwoToTwentyClicksFiveInTheMeanAndShortOnesAreTheMost() {
    assertThat(visits().values()).allSatisfy(visit -> assertThat(visit).hasSizeBetween(2, 20));
    assertThat((double) SHOP.clicks().count() / visits().size()).isCloseTo(5, within(0.15));
    Map<Integer, Long> lengths =
        visits().values().stream().collect(groupingBy(List::size, counting()));
    assertThat(lengths.get(2)).isGreaterThan(lengths.get(3));
    assertThat(lengths.get(3)).isGreaterThan(lengths.get(5));
    assertThat(lengths.get(5)).isGreaterThan(lengths.get(10));
  }

  @Test
  void visitsSpreadOverAllDaysAndTheEveningIsBusierThanTheNight() {
    Set<LocalDate> days = new HashSet<>();
    visits()
        .values()
        .forEach(
            visit -> days.add(visit.getFirst().time().atZone(ZoneOffset.UTC).toLocalDate()));
    assertThat(days)
        .hasSize(60)
        .contains(LocalDate.of(2025, 3, 3), LocalDate.of(2025, 5, 1))
        .allMatch(day -> !day.isAfter(LocalDate.of(2025, 5, 1)));
    Map<Integer, Long> hours = SHOP.clicks()
        .collect(groupingBy(click -> click.time().atZone(ZoneOffset.UTC).getHour(), counting()));
    assertThat(hours.get(20)).isGreaterThan(10 * hours.get(3));
  }

  @Test
  void nobodyClicksAProductBeforeItArrivesAndManyProductsArriveLate() {
    SHOP.clicks().forEach(click -> {
      LocalDate from = SHOP.product(click.itemId()).onSaleFrom();
      assertThat(click.time())
          .isAfterOrEqualTo(from.atStartOfDay(ZoneOffset.UTC).toInstant());
    });
    long late = SHOP.products().stream()
        .filter(product -> product.onSaleFrom().isAfter(SMALL.firstDay()))
        .count();
    assertThat(late / 800.0).isCloseTo(SMALL.arrivalShare(), within(0.04));
  }

  @Test
  void aTenthOfTheProductsGetsMoreThanTwoFifthsOfTheClicksOfTheDefaultShop() {
    Shop shop = Shop.simulate(ShopConfig.DEFAULT, 1);
    List<Long> counts =
        shop.clicks().collect(groupingBy(ShopClick::itemId, counting())).values().stream()
            .sorted(Comparator.reverseOrder())
            .toList();
    double top = counts.stream().limit(300).mapToLong(Long::longValue).sum();
    assertThat(top / shop.clicks().count()).isBetween(0.4, 0.6);
    assertThat(counts.size()).as("products clicked at all").isGreaterThan(2_900);
  }

  @Test
  void everyFifthClickAfterAVisitsFirstGoesBackToAProductSeenBefore() {
    int targets = 0;
    int repeats = 0;
    for (List<ShopClick> visit : visits().values()) {
      Set<String> seen = new HashSet<>();
      for (ShopClick click : visit) {
        repeats += seen.add(click.itemId()) ? 0 : 1;
      }
      targets += visit.size() - 1;
    }
    assertThat((double) repeats / targets).isCloseTo(0.2, within(0.02));
  }

  @Test
  void noClickRepeatsTheOneJustBefore() {
    for (List<ShopClick> visit : visits().values()) {
      for (int i = 1; i < visit.size(); i++) {
        assertThat(visit.get(i).itemId()).isNotEqualTo(visit.get(i - 1).itemId());
      }
    }
  }

  @Test
  void theClickLogIsPlainCsvThatNeedsNoQuotes() throws IOException {
    SHOP.writeClicks(folder.resolve("clicks.csv"));
    List<String> lines = Files.readAllLines(folder.resolve("clicks.csv"));
    assertThat(lines).hasSize(1 + (int) SHOP.clicks().count());
    assertThat(lines.getFirst()).isEqualTo("session_id,item_id,timestamp");
    assertThat(lines.subList(1, lines.size()))
        .allMatch(line ->
            line.matches("s\\d{6},[a-z]{3}-\\d{3,},2025-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ"));
    String[] first = lines.get(1).split(",", -1);
    assertThat(SHOP.clicks().findFirst())
        .contains(new ShopClick(first[0], first[1], Instant.parse(first[2])));
  }

  @Test
  void theItemsFileHasOneRowOfFiveCellsForEachProduct() throws IOException {
    SHOP.writeItems(folder.resolve("items.tsv"));
    List<String> lines = Files.readAllLines(folder.resolve("items.tsv"));
    assertThat(lines).hasSize(801);
    assertThat(lines.getFirst()).isEqualTo("item_id\ttitle\tcategory\tbrand\tprice");
    assertThat(lines.subList(1, lines.size())).allSatisfy(line -> {
      String[] cells = line.split("\t", -1);
      assertThat(cells).hasSize(5);
      assertThat(cells[4]).matches("\\d+\\.\\d\\d");
      assertThat(SHOP.title(cells[0])).isEqualTo(cells[1]);
    });
  }

  @Test
  void writingReplacesTheFormerFileMakesItsFolderAndLeavesNothingBeside() throws IOException {
    Path target = folder.resolve("new/folder/items.tsv");
    SHOP.writeItems(target);
    Shop.simulate(SMALL, 8).writeItems(target);
    SHOP.writeItems(target);
    assertThat(target.getParent()).isDirectoryContaining(target::equals);
    try (var files = Files.list(target.getParent())) {
      assertThat(files).containsExactly(target);
    }
    assertThat(Files.readString(target)).contains(SHOP.products().getFirst().title());
  }

  @Test
  void aTargetThatCannotBeReplacedStaysAsItWas() throws IOException {
    Path target = Files.createDirectories(folder.resolve("clicks.csv/occupied")).getParent();
    assertThatThrownBy(() -> SHOP.writeClicks(target)).isInstanceOf(IOException.class);
    try (var files = Files.list(folder)) {
      assertThat(files).containsExactly(target);
    }
  }

  private static Map<String, List<ShopClick>> visits() {
    return SHOP.clicks().collect(groupingBy(ShopClick::sessionId, toList()));
  }

  private static void write(Shop shop, Path folder) throws IOException {
    shop.writeClicks(folder.resolve("clicks.csv"));
    shop.writeItems(folder.resolve("items.tsv"));
  }

  private static String fingerprint(Path file) throws IOException, NoSuchAlgorithmException {
    byte[] sha256 = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file));
    return HexFormat.of().formatHex(sha256, 0, 8);
  }
}
