package io.attune.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.attune.examples.shop.Shop;
import io.attune.examples.shop.ShopClick;
import io.attune.examples.shop.ShopConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.SortedDocValuesField;
import org.apache.lucene.document.TextField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.search.TopDocs;
import org.apache.lucene.store.ByteBuffersDirectory;
import org.apache.lucene.util.BytesRef;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SearchWithSessionTest {
  @TempDir
  private Path folder;

  @Test
  void clicksReRankTheHitsOfAnIndexThatKnowsNothingOfThem() throws IOException {
    Shop shop = Shop.simulate(ShopConfig.DEFAULT.withProducts(400).withSessions(1_000), 1);
    Path log = folder.resolve("clicks.csv");
    shop.writeClicks(log);
    NextItems.train(log, folder.resolve("model"));
    try (ByteBuffersDirectory directory = new ByteBuffersDirectory()) {
      try (IndexWriter writer = new IndexWriter(directory, new IndexWriterConfig())) {
        for (var product : shop.products()) {
          Document document = new Document();
          document.add(new SortedDocValuesField("sku", new BytesRef(product.itemId())));
          document.add(new TextField("title", product.title(), Field.Store.NO));
          writer.addDocument(document);
        }
      }
      try (DirectoryReader reader = DirectoryReader.open(directory);
          SearchWithSession search =
              new SearchWithSession(new IndexSearcher(reader), "sku", folder.resolve("model"))) {
        IndexSearcher searcher = new IndexSearcher(reader);
        Query words = new TermQuery(new Term("title", "black"));
        List<Integer> before = docs(searcher.search(words, 10));
        assertThat(docs(search.search("visitor", words, 10))).isEqualTo(before);

        for (ShopClick click : shop.clicks().limit(3).toList()) {
          search.click("visitor", click.itemId());
        }
        assertThat(docs(search.search("visitor", words, 10))).hasSize(10).isNotEqualTo(before);
        assertThat(docs(search.search("another", words, 10))).isEqualTo(before);

        search.retrained(folder.resolve("model"));
        search.click("another", shop.clicks().findFirst().orElseThrow().itemId());
        assertThat(docs(search.search("another", words, 10))).hasSize(10).isNotEqualTo(before);
      }
    }
  }

  private static List<Integer> docs(TopDocs hits) {
    return Arrays.stream(hits.scoreDocs).map((ScoreDoc hit) -> hit.doc).toList();
  }
}
