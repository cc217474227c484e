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
 * The models in the subdirectories of {@code config/attune/}. Models are loaded from nowhere else.
 *
 * <p>Nodes notice a new version of a model at different times, but one response must come from one
 * version. A node therefore keeps up to three versions of a model: the newest one it has seen, the
 * one in use, and the one in use before, which other nodes may still use. The one in use is the
 * newest that all nodes have, as reported to {@link #activateCommonVersions}.
 *
 * <p>Thread-safe: readers see a consistent snapshot.
 */
final class ModelRegistry {
  private static final Logger LOGGER = LogManager.getLogger(ModelRegistry.class);
  private static final String REMOVED = "its directory has been removed";

  private final Path directory;
  private volatile Map<String, Entry> entries = Map.of();
  private volatile Map<String, String> ignored = Map.of();
  private @Nullable String listingFailure;
  private volatile @Nullable Set<String> clusterModels; // names; null until nodes have reported

  /**
   * The versions of a model on this node.
   *
   * @param newest as seen on disk; null if it cannot be loaded
   * @param inUse the version that encodes sessions
   * @param before the version in use before
   * @param failure what is wrong with the files on disk; null if nothing is
   * @param logged whether the failure has been logged
   */
  private record Entry(
      @Nullable LoadedModel newest,
      @Nullable LoadedModel inUse,
      @Nullable LoadedModel before,
      @Nullable String failure,
      boolean logged) {
    private static final Entry NONE = new Entry(null, null, null, null, false);

    /**
     * The entry after a refresh. While a directory is being copied, it fails in a different way at
     * each refresh, so only a failure that occurs twice is logged.
     *
     * @param found the newest version
     * @param problem what is wrong; null if nothing is
     */
    Entry afterRefresh(String name, @Nullable LoadedModel found, @Nullable String problem) {
      boolean same = problem != null && problem.equals(failure);
      if (same && !logged) {
        LOGGER.warn("model [{}]: {}", name, problem);
      }
      return new Entry(found, inUse == null ? found : inUse, before, problem, same);
    }

    /** The distinct versions, newest first. */
    List<LoadedModel> held() {
      return Stream.of(
              Optional.ofNullable(newest), Optional.ofNullable(inUse), Optional.ofNullable(before))
          .flatMap(Optional::stream)
          .distinct()
          .toList();
    }
  }

  /**
   * The state of a model on this node.
   *
   * @param name the model's name
   * @param inUse the version in use; empty if there is none
   * @param versions the loaded versions, newest first
   * @param dimension size of its vectors; 0 if none is in use
   * @param items number of items
   * @param failure what is wrong with the files on disk; null if nothing is
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

  ModelRegistry(Path directory) {
    this.directory = directory;
  }

  /**
   * Reads the directory: loads new models and versions, and drops models that are missing in two
   * consecutive calls. If a new version cannot be loaded, the loaded one stays in use.
   */
  synchronized void refresh() {
    Map<String, Entry> next = new TreeMap<>();
    Map<String, String> others = new TreeMap<>();
    for (Path path : list()) {
      String name = path.getFileName().toString();
      if (ModelFolder.isName(name) && Files.isDirectory(path)) {
        Entry entry = entries.getOrDefault(name, Entry.NONE);
        next.put(name, refresh(new ModelFolder(directory, name), entry));
      } else {
        ModelFolder.reasonIgnored(path).ifPresent(reason -> others.put(name, reason));
      }
    }
    entries.forEach((name, entry) -> {
      // While a directory is being replaced, it may be missing for a moment.
      if (!next.containsKey(name) && !REMOVED.equals(entry.failure)) {
        next.put(name, new Entry(entry.newest, entry.inUse, entry.before, REMOVED, false));
      }
    });
    entries = Map.copyOf(next);
    ignored = Map.copyOf(others);
  }

  private static Entry refresh(ModelFolder folder, Entry entry) {
    LoadedModel newest = entry.newest;
    try {
      // Taken first, so that later writes are noticed by the next refresh.
      Map<String, String> fingerprints = folder.fingerprints();
      String version = Model.version(folder.manifest());
      if (newest == null
          || !newest.version().equals(version)
          || !newest.isLoadedFrom(fingerprints)) {
        LoadedModel opened = folder.open();
        if (newest == null || !newest.isSame(opened)) {
          newest = opened;
          LOGGER.info("loaded model [{}], version {}", folder.name(), newest.version());
        }
        newest.setFingerprints(fingerprints);
      }
      return entry.afterRefresh(folder.name(), newest, folder.warning().orElse(null));
    } catch (IOException | RuntimeException e) {
      String reason = folder.reason(e);
      return entry.afterRefresh(
          folder.name(),
          entry.newest,
          entry.newest == null
              ? reason
              : reason + "; still serving version " + entry.newest.version()
                  + ", which was loaded before");
    }
  }

  private List<Path> list() {
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
   * Puts the newest version of each model that all nodes have into use.
   *
   * @param nodes for each node of the cluster, including this one, the loaded versions of each
   *     model; a node without any version of a model is ignored for it
   */
  synchronized void activateCommonVersions(List<Map<String, Set<String>>> nodes) {
    clusterModels = nodes.stream()
        .flatMap(node -> node.keySet().stream())
        .collect(Collectors.toUnmodifiableSet());
    Map<String, Entry> next = new TreeMap<>();
    entries.forEach((name, entry) -> {
      List<Set<String>> holders = nodes.stream()
          .map(node -> node.getOrDefault(name, Set.of()))
          .filter(Predicate.not(Set::isEmpty))
          .toList();
      LoadedModel agreed = entry.held().stream()
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

  /** The result of looking up a model by name. */
  sealed interface Lookup {}

  /** The model version that sessions are encoded with. */
  record InUse(ServingModel model) implements Lookup {}

  /**
   * The model cannot be used on this node, which is not the client's fault.
   *
   * @param reason a message for clients, without paths of the server
   */
  record Unavailable(String reason) implements Lookup {}

  /**
   * Looks up a model by name.
   *
   * @throws IllegalArgumentException if no node has a model with this name
   */
  Lookup lookup(String name) {
    Entry entry = entries.get(name);
    if (entry != null && entry.inUse != null) {
      return new InUse(entry.inUse.model());
    }
    Set<String> known = clusterModels;
    if (entry != null) {
      return new Unavailable("the model [" + name + "] cannot be used: " + entry.failure);
    }
    if (known == null || known.contains(name)) {
      return new Unavailable("this node does not have the model [" + name + "]: copy its directory"
          + " to " + ModelFolder.DISPLAY_PATH
          + " on every node, including nodes that only coordinate searches");
    }
    Set<String> all = new TreeSet<>(known);
    all.addAll(entries.keySet());
    throw new IllegalArgumentException("unknown model [" + name + "]; "
        + (all.isEmpty() ? "there are no models" : "known models: " + all)
        + "; copy its directory to " + ModelFolder.DISPLAY_PATH + " on every node");
  }

  /**
   * Returns the model version that sessions are encoded with.
   *
   * @throws IllegalArgumentException if there is no usable model with this name
   */
  ServingModel inUse(String name) {
    return switch (lookup(name)) {
      case InUse found -> found.model;
      case Unavailable missing -> throw new IllegalArgumentException(missing.reason);
    };
  }

  /** Returns a specific version of a model, if this node has it loaded. */
  Optional<LoadedModel> version(String name, String version) {
    Entry entry = entries.get(name);
    return entry == null
        ? Optional.empty()
        : entry.held().stream().filter(held -> held.version().equals(version)).findFirst();
  }

  /** The entries of the directory that are not models, with the reason. */
  Map<String, String> ignored() {
    return ignored;
  }

  /** The state of all models, by name. */
  List<Status> statuses() {
    List<Status> statuses = new ArrayList<>();
    new TreeMap<>(entries).forEach((name, entry) -> {
      LoadedModel inUse = entry.inUse;
      statuses.add(new Status(
          name,
          inUse == null ? "" : inUse.version(),
          entry.held().stream().map(LoadedModel::version).toList(),
          inUse == null ? 0 : inUse.model().items().dimension(),
          inUse == null ? 0 : inUse.model().items().size(),
          entry.failure));
    });
    return statuses;
  }
}
