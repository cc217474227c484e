package io.attune.opensearch;

import io.attune.model.Model;
import io.attune.serving.ServingModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.jspecify.annotations.Nullable;
import org.opensearch.core.common.io.stream.StreamInput;
import org.opensearch.core.common.io.stream.StreamOutput;
import org.opensearch.core.common.io.stream.Writeable;

/**
 * The models in one directory, {@code config/attune/<name>/}, and nowhere else.
 *
 * <p>Nodes see a new version of a model at different moments, but one answer must come from one
 * version. So a node holds up to three of each: the newest that it has seen, the one in use, and
 * the one in use before, which others may still use. The one in use is the newest that every node
 * holds, as far as {@link #agree} has been told.
 *
 * <p>Safe for use by several threads: readers see the models of one moment.
 */
final class Models {
  private static final Logger LOGGER = LogManager.getLogger(Models.class);
  private static final String GONE = "its directory is gone";

  private final Path directory;
  private volatile Map<String, Entry> entries = Map.of();
  private volatile Map<String, String> unread = Map.of();
  private @Nullable String listingFailure;
  private volatile @Nullable Set<String> inCluster; // names; null until the nodes have told

  /**
   * A model by its name.
   *
   * @param newest as seen on disk; null where none could be opened
   * @param inUse what sessions are encoded by
   * @param before in use before
   * @param failure what is wrong with what lies on disk, null where nothing is
   * @param logged whether the log has the failure
   */
  private record Entry(
      @Nullable HeldModel newest,
      @Nullable HeldModel inUse,
      @Nullable HeldModel before,
      @Nullable String failure,
      boolean logged) {
    private static final Entry NONE = new Entry(null, null, null, null, false);

    /**
     * The same after a look at the disk. A folder that is being copied fails in one way after the
     * other, so the log gets what is so at two looks.
     *
     * @param found the newest
     * @param problem what is wrong, null where nothing is
     */
    Entry seen(String name, @Nullable HeldModel found, @Nullable String problem) {
      boolean same = problem != null && problem.equals(failure);
      if (same && !logged) {
        LOGGER.warn("the model {}: {}", name, problem);
      }
      return new Entry(found, inUse == null ? found : inUse, before, problem, same);
    }

    /** Newest first, each once. */
    List<HeldModel> held() {
      return Stream.of(
              Optional.ofNullable(newest), Optional.ofNullable(inUse), Optional.ofNullable(before))
          .flatMap(Optional::stream)
          .distinct()
          .toList();
    }
  }

  /**
   * What this node has of a model.
   *
   * @param name of the model
   * @param inUse the version in use, empty where there is none
   * @param versions held, newest first
   * @param dimension of its vectors, 0 where none is in use
   * @param items that it knows
   * @param failure what is wrong with what lies on disk, null where nothing is
   */
  record Status(
      String name,
      String inUse,
      List<String> versions,
      int dimension,
      int items,
      @Nullable String failure)
      implements Writeable {

    Status(StreamInput in) throws IOException {
      this(
          in.readString(),
          in.readString(),
          in.readStringList(),
          in.readVInt(),
          in.readVInt(),
          in.readOptionalString());
    }

    @Override
    public void writeTo(StreamOutput out) throws IOException {
      out.writeString(name);
      out.writeString(inUse);
      out.writeStringCollection(versions);
      out.writeVInt(dimension);
      out.writeVInt(items);
      out.writeOptionalString(failure);
    }
  }

  Models(Path directory) {
    this.directory = directory;
  }

  /**
   * Looks at the directory: opens models and versions that are new, forgets models that are not
   * there at two looks. A model that cannot be opened leaves the version that is held in use.
   */
  synchronized void refresh() {
    Map<String, Entry> next = new TreeMap<>();
    Map<String, String> others = new TreeMap<>();
    for (Path path : listed()) {
      String name = path.getFileName().toString();
      if (ModelFolder.isName(name) && Files.isDirectory(path)) {
        Entry entry = entries.getOrDefault(name, Entry.NONE);
        next.put(name, refreshed(new ModelFolder(directory, name), entry));
      } else {
        ModelFolder.unread(path).ifPresent(reason -> others.put(name, reason));
      }
    }
    entries.forEach((name, entry) -> {
      // While a directory is being replaced there may be none for a moment.
      if (!next.containsKey(name) && !GONE.equals(entry.failure)) {
        next.put(name, new Entry(entry.newest, entry.inUse, entry.before, GONE, false));
      }
    });
    entries = Map.copyOf(next);
    unread = Map.copyOf(others);
  }

  private static Entry refreshed(ModelFolder folder, Entry entry) {
    HeldModel newest = entry.newest;
    try {
      Map<String, String> stamps = folder.stamps(); // first: what is written later shows next time
      String version = Model.version(folder.manifest());
      if (newest == null || !newest.version().equals(version) || !newest.isReadFrom(stamps)) {
        HeldModel opened = folder.open();
        if (newest == null || !newest.version().equals(opened.version())) {
          newest = opened;
          LOGGER.info("opened the model {}, version {}", folder.name(), newest.version());
        }
        newest.readFrom(stamps);
      }
      return entry.seen(folder.name(), newest, folder.oddity().orElse(null));
    } catch (IOException | RuntimeException e) {
      String reason = folder.reason(e);
      return entry.seen(
          folder.name(),
          entry.newest,
          entry.newest == null
              ? reason
              : reason + "; served on is what was read before, version " + entry.newest.version());
    }
  }

  private List<Path> listed() {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(directory)) {
      List<Path> all = files.sorted().toList();
      listingFailure = null;
      return all;
    } catch (IOException e) {
      String failure = String.valueOf(e.getMessage());
      if (!failure.equals(listingFailure)) {
        LOGGER.warn("cannot list the models in {}: {}", directory, failure);
      }
      listingFailure = failure;
      return entries.keySet().stream().map(directory::resolve).toList();
    }
  }

  /**
   * Brings the newest version of each model into use that every node holds.
   *
   * @param nodes for each node of the cluster, this one included, the versions that it holds of
   *     each model; a node without any version of a model has no say on it
   */
  synchronized void agree(List<Map<String, Set<String>>> nodes) {
    inCluster = nodes.stream()
        .flatMap(node -> node.keySet().stream())
        .collect(Collectors.toUnmodifiableSet());
    Map<String, Entry> next = new TreeMap<>();
    entries.forEach((name, entry) -> {
      List<Set<String>> holders = nodes.stream()
          .map(node -> node.getOrDefault(name, Set.of()))
          .filter(Predicate.not(Set::isEmpty))
          .toList();
      HeldModel agreed = entry.held().stream()
          .filter(held -> holders.stream().allMatch(node -> node.contains(held.version())))
          .findFirst()
          .orElse(entry.inUse);
      if (agreed == null || agreed.equals(entry.inUse)) {
        next.put(name, entry);
      } else {
        LOGGER.info("the model {} is now of version {}", name, agreed.version());
        next.put(name, new Entry(entry.newest, agreed, entry.inUse, entry.failure, entry.logged));
      }
    });
    entries = Map.copyOf(next);
  }

  /** What this node has by the name of a model. */
  sealed interface Found {}

  /** The model by which sessions are encoded here and now. */
  record InUse(ServingModel served) implements Found {}

  /**
   * None that could be used here, which is not the fault of who asks.
   *
   * @param reason for people; holds nothing of the server's files
   */
  record Missing(String reason) implements Found {}

  /**
   * Looks for the model of a name.
   *
   * @throws IllegalArgumentException when no node has one of this name
   */
  Found find(String name) {
    Entry entry = entries.get(name);
    if (entry != null && entry.inUse != null) {
      return new InUse(entry.inUse.served());
    }
    Set<String> known = inCluster;
    if (entry != null) {
      return new Missing("the model [" + name + "] cannot be used: " + entry.failure);
    }
    if (known == null || known.contains(name)) {
      return new Missing("this node does not hold the model [" + name + "]: put its folder into "
          + ModelFolder.SHOWN + " of every node, those that only coordinate searches included");
    }
    Set<String> all = new TreeSet<>(known);
    all.addAll(entries.keySet());
    throw new IllegalArgumentException("unknown model [" + name + "]: there "
        + (all.isEmpty() ? "are none" : "are " + all)
        + "; put its folder into " + ModelFolder.SHOWN + " of every node");
  }

  /**
   * The model by which sessions are encoded here and now.
   *
   * @throws IllegalArgumentException when there is none of this name
   */
  ServingModel inUse(String name) {
    return switch (find(name)) {
      case InUse found -> found.served;
      case Missing missing -> throw new IllegalArgumentException(missing.reason);
    };
  }

  /** The version of a model by which a session was encoded, if this node holds it. */
  Optional<HeldModel> held(String name, String version) {
    Entry entry = entries.get(name);
    return entry == null
        ? Optional.empty()
        : entry.held().stream().filter(held -> held.version().equals(version)).findFirst();
  }

  /** What lies beside the models and is not read: the reason by its name. */
  Map<String, String> unread() {
    return unread;
  }

  /** What this node has, by name. */
  List<Status> statuses() {
    List<Status> statuses = new ArrayList<>();
    new TreeMap<>(entries).forEach((name, entry) -> {
      HeldModel inUse = entry.inUse;
      statuses.add(new Status(
          name,
          inUse == null ? "" : inUse.version(),
          entry.held().stream().map(HeldModel::version).toList(),
          inUse == null ? 0 : inUse.served().items().dimension(),
          inUse == null ? 0 : inUse.served().items().size(),
          entry.failure));
    });
    return statuses;
  }
}
