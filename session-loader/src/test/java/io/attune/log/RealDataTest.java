package io.attune.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.attune.log.ClickLog.Loaded;
import io.attune.log.LogOptions.SessionsBy;
import io.attune.session.Filters;
import io.attune.session.Holdout;
import io.attune.session.Sessions;
import io.attune.session.Split;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Public data sets load without options and have the published counts. They are not in the
 * repository but in the folder of the system property {@code attune.data}, by default
 * {@code shared/data} next to the repository.
 */
class RealDataTest {
  private static final Path DATA = Path.of(System.getProperty("attune.data", "../../shared/data"));

  private static Path file(String name) {
    Path path = DATA.resolve(name);
    assumeTrue(
        Files.exists(path),
        "skipped: there is no " + path + "; name the folder with -Dattune.data=FOLDER");
    return path;
  }

  @ParameterizedTest
  @CsvSource({
    "diginetica/train_sessions.tsv.gz, SEQUENCES, SESSION, 186670, 906140, 43097",
    "diginetica/raw_sample_train-item-views.csv.gz, DIGINETICA, SESSION, 2986, 12391, 7139",
    "yoochoose_100k/yoochoose-clicks-100k_train_full.tsv.gz, CSV, SESSION, 17794, 70278, 2933",
    "beauty/Beauty.txt.gz, SEQUENCES, SESSION, 22363, 198502, 12101",
    "games/user_sequences.tsv.gz, SEQUENCES, SESSION, 50546, 440264, 16859",
    "movielens/ratings_users1-2999_with_timestamps.dat.gz, MOVIELENS, USER, 2999, 487650, 3615",
    "online_retail/online_retail.csv.gz, CSV, SESSION, 25900, 541909, 4070",
  })
  void aDataSetHasTheCountsOfItsDescription(
      String name, LogFormat format, SessionsBy by, int sessions, int clicks, int items)
      throws IOException {
    Loaded loaded = ClickLog.load(List.of(file(name)), LogOptions.standard());

    assertThat(loaded.report().files().getFirst().format()).isEqualTo(format);
    assertThat(loaded.report().sessionsBy()).isEqualTo(by);
    assertThat(loaded.sessions().size()).isEqualTo(sessions);
    assertThat(loaded.sessions().clicks()).isEqualTo(clicks);
    assertThat(loaded.sessions().vocabulary().size()).isEqualTo(items);
    assertThat(loaded.report().badLines()).isZero();
  }

  @Test
  void digineticaHasTheNumberOfPredictionsThatTheLiteratureTests() throws IOException {
    Loaded train =
        ClickLog.load(List.of(file("diginetica/train_sessions.tsv.gz")), LogOptions.standard());
    Loaded test =
        ClickLog.load(List.of(file("diginetica/test_sessions.tsv.gz")), LogOptions.standard());
    Sessions known = Filters.standard()
        .test(
            test.sessions(),
            train.sessions().vocabulary(),
            Filters.UnknownItems.DROP,
            new Split.Targets.AfterFirst())
        .sessions();

    assertThat(train.sessions().clicks() - train.sessions().size()).isEqualTo(719_470);
    assertThat(test.sessions().size()).isEqualTo(15_963);
    assertThat(known.clicks() - known.size()).isEqualTo(60_858);
  }

  @Test
  void aDayOfYoochooseIsHeldOut() throws IOException {
    Loaded loaded = ClickLog.load(
        List.of(file("yoochoose_100k/yoochoose-clicks-100k_train_full.tsv.gz")),
        LogOptions.standard());

    Split split = Holdout.parse("1d").split(loaded.sessions());
    Filters.Filtered train = Filters.standard().train(split.train());

    assertThat(split.train().size() + split.test().size()).isEqualTo(17_794);
    assertThat(split.sessionsNotTested()).isLessThan(50);
    assertThat(train.sessions().size()).isGreaterThan(5_000);
  }
}
