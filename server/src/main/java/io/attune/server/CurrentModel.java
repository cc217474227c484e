package io.attune.server;

import io.attune.model.Model;
import io.attune.model.ModelHistory;
import io.attune.serving.ServingModel;
import io.attune.serving.SessionStates;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.apache.lucene.index.DirectoryReader;
import org.jspecify.annotations.Nullable;

/**
 * The model of a directory and the items of an index, as they are in use, and the look for newer
 * ones. Thread-safe.
 */
final class CurrentModel implements AutoCloseable {
  private final Path directory;
  private final boolean comparing;
  private final Clock clock;
  private final Consumer<String> notices;
  private final Attempts models;
  private final Attempts indexes;
  private final AtomicLong switches = new AtomicLong();
  private ModelFiles files; // guarded by this
  private volatile ActiveModel active;
  private volatile String since;

  /**
   * Opens a model.
   *
   * @param reader the index of items, closed with this object; null for none
   * @param idField the doc values field with the item's id
   * @param comparing whether the version before is opened too, if the model has one
   * @param notices is told of what comes into use, and of what cannot
   * @throws IOException if model or index cannot be read
   * @throws UnsupportedOperationException if the encoder is not incremental
   */
  CurrentModel(
      Path directory,
      @Nullable DirectoryReader reader,
      String idField,
      boolean comparing,
      Clock clock,
      Consumer<String> notices)
      throws IOException {
    this.directory = directory;
    this.comparing = comparing;
    this.clock = clock;
    this.notices = notices;
    this.models = new Attempts(notices);
    this.indexes = new Attempts(notices);
    this.files = ModelFiles.of(directory); // before it is read: a change meanwhile is seen later
    this.active = open(reader == null ? null : Catalogue.of(reader, idField));
    this.since = clock.instant().toString();
  }

  /** Opens the model, and the version before it. */
  private ActiveModel open(@Nullable Catalogue catalogue) throws IOException {
    ActiveModel model = ActiveModel.open(directory, catalogue);
    return comparing ? model.after(previous(model.model().version(), catalogue)) : model;
  }

  /** The newest of the earlier versions; null if there is none, or none that can be opened. */
  private @Nullable ActiveModel previous(String present, @Nullable Catalogue catalogue) {
    try {
      for (Path version : new ModelHistory(directory).versions().reversed()) {
        if (!Model.version(Model.manifest(version)).equals(present)) {
          return ActiveModel.open(version, catalogue);
        }
      }
    } catch (IOException | UnsupportedOperationException e) {
      notices.accept("no comparison with the version before: " + e.getMessage());
    }
    return null;
  }

  ActiveModel active() {
    return active;
  }

  /** Number of times that the model was replaced. */
  long switches() {
    return switches.get();
  }

  /** Number of times that a newer model or index could not be opened. */
  long failures() {
    return models.failures() + indexes.failures();
  }

  /** What is in use. */
  Answer.Models describe() {
    ActiveModel current = active;
    Answer.ModelInUse inUse = new Answer.ModelInUse(
        current.model().version(),
        current.manifest().encoder().bare().kind(),
        current.model().vocabulary().size(),
        current.manifest().provenance().lastClick(),
        since,
        current.previous() == null ? null : current.previous().model().version(),
        models.failure() == null
            ? null
            : "a newer model could not be opened; the server's log says why");
    return new Answer.Models(List.of(inUse), current.catalogue() != null);
  }

  /**
   * Puts a newer model or newer documents into use, if there are any. What fails is tried again; a
   * model when its files change.
   *
   * @param states get the newer model
   */
  synchronized void refresh(SessionStates states) {
    indexes.run("still searching the same index", () -> refreshIndex(states));
    models.run("still serving model " + abbreviated(active.model()), () -> refreshModel(states));
  }

  private boolean refreshIndex(SessionStates states) throws IOException {
    Catalogue catalogue = active.catalogue();
    DirectoryReader next =
        catalogue == null ? null : DirectoryReader.openIfChanged(catalogue.reader());
    if (catalogue == null || next == null) {
      return true;
    }
    try {
      Catalogue items = Catalogue.of(next, catalogue.idField());
      if (active.lacksItems(items)) {
        files = ModelFiles.of(directory);
        use(open(items), states);
      } else {
        active = active.with(items);
      }
    } catch (IOException | RuntimeException e) {
      next.close();
      throw e;
    }
    catalogue.reader().close();
    notices.accept("now searching a newer index: " + next.numDocs() + " items");
    return true;
  }

  /**
   * Opens the model if its files have changed.
   *
   * @return whether the model in use is now the one in the directory; false if nothing has changed
   */
  private boolean refreshModel(SessionStates states) throws IOException {
    ModelFiles found = ModelFiles.of(directory);
    if (found.equals(files) || found.isEmpty()) {
      return false; // the same, or just being replaced
    }
    files = found;
    // Of the same version when a blend was learned since.
    if (!Model.manifest(directory).files().equals(active.manifest().files())) {
      use(open(active.catalogue()), states);
    }
    return true;
  }

  private void use(ActiveModel next, SessionStates states) {
    // The same with more items is no newer model.
    boolean isNewer = !next.manifest().files().equals(active.manifest().files());
    active = next;
    states.switchTo(next.model());
    if (isNewer) {
      since = clock.instant().toString();
      switches.incrementAndGet();
      notices.accept("now serving model " + abbreviated(next.model()));
    }
  }

  private static String abbreviated(ServingModel model) {
    return model.version().substring(0, Math.min(12, model.version().length()));
  }

  /** Closes the index, once requests under way are done. */
  @Override
  public void close() throws IOException {
    Catalogue catalogue = active.catalogue();
    if (catalogue != null) {
      catalogue.reader().close();
    }
  }
}
