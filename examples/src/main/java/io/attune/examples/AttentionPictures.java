package io.attune.examples;

import io.attune.examples.shop.Shop;
import io.attune.examples.shop.ShopConfig;
import io.attune.incremental.AttentionHead;
import io.attune.incremental.SessionState;
import io.attune.log.ClickLog;
import io.attune.log.LogOptions;
import io.attune.model.ConvolutionConfig;
import io.attune.model.Edges;
import io.attune.model.EncoderConfig;
import io.attune.model.GruConfig;
import io.attune.model.NarmConfig;
import io.attune.model.StampConfig;
import io.attune.model.TransformerConfig;
import io.attune.report.AttentionPicture;
import io.attune.serving.ServingModel;
import io.attune.serving.SessionVector;
import io.attune.session.Holdout;
import io.attune.session.Sessions;
import io.attune.training.Training;
import io.attune.training.TrainingConfig;
import io.attune.vector.ItemVectors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Draws what encoders attend to in one visit of the simulated shop: the pictures of
 * docs/attention.md. Each encoder is trained as in the quickstart, all together in about ten
 * minutes on two cores.
 *
 * <pre>
 * mvn -q -DskipTests verify -pl benchmark -am -Pbenchmark \
 *     -Dbenchmark.main=io.attune.examples.AttentionPictures -Dbenchmark=docs/attention
 * </pre>
 */
public final class AttentionPictures {
  private static final long SEED = 42;
  private static final int SIZE = 64;
  private static final int CLICKS = 6;
  private static final int TITLE = 44;

  private AttentionPictures() {}

  /**
   * Writes the pictures.
   *
   * @param args the folder to write to
   */
  public static void main(String[] args) throws IOException {
    Path folder = Files.createDirectories(Path.of(args[0]));
    Shop shop = Shop.simulate(ShopConfig.DEFAULT, SEED);
    Path log = Files.createTempFile("clicks", ".csv");
    shop.writeClicks(log);
    Sessions sessions = ClickLog.load(List.of(log), LogOptions.standard()).sessions();
    Files.delete(log);
    Holdout holdout = new Holdout.Last(Duration.ofDays(7));
    List<String> visit = visit(holdout.split(sessions).test());
    List<String> titles = visit.stream().map(id -> shortened(shop.title(id))).toList();

    List<float[]> shares = new ArrayList<>();
    Map<String, EncoderConfig> encoders = encoders();
    for (Map.Entry<String, EncoderConfig> encoder : encoders.entrySet()) {
      ServingModel model = train(sessions, holdout, encoder.getValue());
      shares.add(model.vector(visit).attention());
      System.out.println(encoder.getKey() + ": " + next(model, visit, shop));
      drawPrefixes(model, visit, encoder.getKey(), folder);
    }
    Files.writeString(
        folder.resolve("encoders.svg"),
        AttentionPicture.beside(
            titles,
            List.copyOf(encoders.keySet()),
            shares,
            "the attention of each encoder on the clicks of one visit"));
  }

  private static Map<String, EncoderConfig> encoders() {
    Map<String, EncoderConfig> encoders = new LinkedHashMap<>();
    NarmConfig narm = NarmConfig.builder().dimension(SIZE).hidden(SIZE).build();
    TransformerConfig transformer = TransformerConfig.builder().dimension(SIZE).build();
    encoders.put("gru", GruConfig.builder().dimension(SIZE).hidden(SIZE).build());
    encoders.put("stamp", StampConfig.builder().dimension(SIZE).build());
    encoders.put("narm", narm);
    encoders.put("narm, hard", narm.toBuilder().topClicks(2).build());
    encoders.put("convolution", ConvolutionConfig.builder().dimension(SIZE).build());
    encoders.put("transformer", transformer);
    encoders.put(
        "with edges", transformer.toBuilder().edges(Edges.SESSION_GRAPH).build());
    return encoders;
  }

  /** The oldest visit of some clicks that comes back to an item once. */
  private static List<String> visit(Sessions test) {
    int found = IntStream.range(0, test.size())
        .filter(session -> {
          int[] rows = test.items(session);
          return rows.length == CLICKS && Arrays.stream(rows).distinct().count() == CLICKS - 1;
        })
        .findFirst()
        .orElseThrow();
    return Arrays.stream(test.items(found)).mapToObj(test.vocabulary()::id).toList();
  }

  private static ServingModel train(Sessions sessions, Holdout holdout, EncoderConfig encoder) {
    return ServingModel.of(Training.of(sessions, System::nanoTime)
        .holdout(holdout)
        .encoder(encoder)
        .training(TrainingConfig.builder().epochs(6).refit(false).build())
        .seed(SEED)
        .train()
        .model());
  }

  /** The item that the model recommends first. */
  private static String next(ServingModel model, List<String> visit, Shop shop) {
    SessionVector vector = model.vector(visit);
    ItemVectors.Top best =
        vector.clicked().top(model.items(), vector.query(), 1, row -> true, model.items()::top);
    return shop.title(model.vocabulary().id(best.rows()[0]));
  }

  /** Draws the attention after each click, in total and by head. */
  private static void drawPrefixes(ServingModel model, List<String> visit, String name, Path folder)
      throws IOException {
    SessionState state = model.encoder().start();
    List<float[]> steps = new ArrayList<>();
    List<List<AttentionHead>> heads = new ArrayList<>();
    for (String id : visit) {
      model.encoder().advance(state, model.vocabulary().row(id));
      steps.add(model.vector(state).attention());
      heads.add(model.encoder().heads(state));
    }
    String file = name.replace(", ", "-").replace(' ', '-');
    Files.writeString(
        folder.resolve(file + ".svg"),
        AttentionPicture.afterEachClick(steps, "attention of " + name + " after each click"));
    for (AttentionHead head : heads.getLast()) {
      int i = heads.getLast().indexOf(head);
      Files.writeString(
          folder.resolve(file + "-layer-" + head.layer() + "-head-" + head.head() + ".svg"),
          AttentionPicture.afterEachClick(
              heads.stream().map(each -> each.get(i).shares()).toList(),
              "attention of head " + head.head() + " in layer " + head.layer() + " of " + name
                  + " after each click"));
    }
  }

  private static String shortened(String title) {
    return title.length() <= TITLE ? title : title.substring(0, TITLE - 1) + "…";
  }
}
