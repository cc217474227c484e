package io.attune.server;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import io.attune.serving.Click;
import io.attune.serving.EncodedSession;
import io.attune.serving.ServingModel;
import io.attune.serving.SessionStates;
import io.attune.serving.SessionVector;
import io.attune.session.Sessions;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The clicks of live sessions, from which their encoder states are rebuilt when the model changes
 * or a state has been evicted. Thread-safe.
 *
 * <p>Clicks of a session take effect one at a time. One without a time gets that of its arrival;
 * one that arrives again with its time changes nothing.
 */
final class LiveSessions {
  private static final int USUAL_BYTES = 2048; // of a session that counts as one
  private static final long MIN_COMPACTED = 4L << 20; // bytes of a log that are worth the work
  private static final long FORGOTTEN_MILLIS = 60_000; // for which forgotten clicks stay on disk

  private final Cache<String, Session> byId;
  private final SessionStates states;
  private final int maxClicks;
  private final Clock clock;
  private final long expiryMillis;
  private final @Nullable ClickJournal journal;
  private final AtomicLong created = new AtomicLong();
  private long snapshotBytes; // as the next, used by one thread
  private long compacted;

  /**
   * A session, modified only under its lock.
   *
   * <p>Its state has a key of its own. So a session that begins again after it was forgotten or
   * evicted never continues the old one's state.
   */
  private static final class Session {
    final ReentrantLock lock = new ReentrantLock();
    final Deque<Click> clicks = new ArrayDeque<>();
    final String stateKey;
    final int idLength;
    boolean forgotten;
    int characters; // of all clicked ids
    long arrival; // of the last click

    Session(String stateKey, int idLength) {
      this.stateKey = stateKey;
      this.idLength = idLength;
    }

    boolean contains(Click click) {
      return click.time() != Sessions.NO_TIME && clicks.contains(click);
    }

    void add(Click click, long arrived, int maxClicks) {
      clicks.addLast(click);
      arrival = Math.max(arrival, arrived);
      characters += click.item().length();
      while (clicks.size() > maxClicks) {
        characters -= clicks.removeFirst().item().length();
      }
    }

    int bytes() {
      return 300 + 2 * idLength + 80 * clicks.size() + 2 * characters;
    }
  }

  /**
   * A click that has arrived.
   *
   * @param session after the click
   * @param clicks number of clicks kept
   * @param replay whether it was there already
   */
  record Appended(EncodedSession session, int clicks, boolean replay) {}

  /**
   * The sessions of a directory, or none.
   *
   * @param states keeps the encoder states; its model is that of all answers
   * @param clock tells the arrival of clicks without a time
   * @param directory keeps the clicks over a restart; null to keep them in memory alone
   * @param notices is told of a click that was left out since it was not written whole
   * @throws IOException if the directory cannot be read, is damaged, or used by another process
   */
  LiveSessions(
      SessionStates states,
      ServerLimits limits,
      Clock clock,
      Ticker ticker,
      @Nullable Path directory,
      Consumer<String> notices)
      throws IOException {
    this.states = states;
    this.maxClicks = limits.sessionClicks();
    this.expiryMillis = limits.expiry().toMillis();
    this.clock = clock;
    this.byId = Caffeine.newBuilder()
        .maximumWeight((long) limits.sessions() * USUAL_BYTES)
        .weigher((String id, Session session) -> Math.max(USUAL_BYTES, session.bytes()))
        .expireAfterWrite(limits.expiry())
        .ticker(ticker)
        .executor(Runnable::run)
        .build();
    if (directory == null) {
      this.journal = null;
    } else {
      this.journal = ClickJournal.open(directory, this::restore, notices);
      try {
        byId.asMap().values().removeIf(session -> session.arrival < clock.millis() - expiryMillis);
        compact(journal);
      } catch (IOException | RuntimeException e) {
        journal.close();
        throw e;
      }
    }
  }

  /** Repeats what has happened before a restart. */
  private void restore(ClickJournal.Entry entry) {
    switch (entry) {
      case ClickJournal.Entry.Clicked clicked -> {
        Session session = byId.get(clicked.session(), this::create);
        if (!session.contains(clicked.click())) {
          session.add(clicked.click(), clicked.arrival(), maxClicks);
        }
        byId.put(clicked.session(), session); // for its weight
      }
      case ClickJournal.Entry.Forgotten forgotten -> byId.invalidate(forgotten.session());
    }
  }

  /**
   * Takes from disk what is no longer live: when the clicks there are much more than those of live
   * sessions, a minute after a session was forgotten, and an expiry after the last time. One thread
   * at a time.
   */
  void compactIfDue() throws IOException {
    if (journal == null) {
      return;
    }
    long age = clock.millis() - compacted;
    long bytes = journal.bytes();
    if (bytes > Math.max(MIN_COMPACTED, 2 * snapshotBytes)
        || (journal.hasForgotten() && age >= FORGOTTEN_MILLIS)
        || (bytes + snapshotBytes > 0 && age >= expiryMillis + FORGOTTEN_MILLIS)) {
      compact(journal);
    }
  }

  private void compact(ClickJournal into) throws IOException {
    compacted = clock.millis();
    snapshotBytes = into.compact(entries -> byId.asMap().forEach((id, session) -> {
      session.lock.lock();
      try {
        session.clicks.forEach(
            click -> entries.accept(new ClickJournal.Entry.Clicked(id, session.arrival, click)));
      } finally {
        session.lock.unlock();
      }
    }));
  }

  /** Why the last click could not be kept on disk; null if it could. */
  @Nullable
  String failure() {
    return journal == null ? null : journal.failure();
  }

  /** Adds a click to a session, which begins with it if there is none. */
  Appended append(String id, Click click) {
    while (true) {
      Session session = byId.get(id, this::create);
      session.lock.lock();
      try {
        if (session.forgotten) {
          continue;
        }
        Appended appended = append(id, session, click);
        // Written again for its weight and its expiry. If it was evicted meanwhile, it comes back,
        // unless another has begun under its id, which then gets the click.
        if (byId.asMap().replace(id, session, session)
            || byId.asMap().putIfAbsent(id, session) == null) {
          return appended;
        }
      } finally {
        session.lock.unlock();
      }
    }
  }

  private Session create(String id) {
    return new Session(Long.toString(created.incrementAndGet()), id.length());
  }

  private Appended append(String id, Session session, Click click) {
    if (session.contains(click)) {
      return new Appended(encoded(session), session.clicks.size(), true);
    }
    Click timed = click;
    long arrival = clock.millis();
    for (long time = arrival; timed.time() == Sessions.NO_TIME; time++) {
      Click arrived = new Click(click.item(), time);
      timed = session.contains(arrived) ? click : arrived;
    }
    write(new ClickJournal.Entry.Clicked(id, arrival, timed));
    EncodedSession encoded =
        states.append(session.stateKey, timed, () -> List.copyOf(session.clicks));
    session.add(timed, arrival, maxClicks);
    return new Appended(encoded, session.clicks.size(), false);
  }

  /** Keeps an entry on disk before it takes effect. */
  private void write(ClickJournal.Entry entry) {
    if (journal == null) {
      return;
    }
    try {
      journal.append(entry);
    } catch (IOException e) {
      throw new RequestFailure(
          503, "the request could not be kept", "server", "to be sent again later");
    }
  }

  private EncodedSession encoded(Session session) {
    return states.getTimed(session.stateKey, () -> List.copyOf(session.clicks));
  }

  /** A session as it is; an empty one if there is none of this id. */
  EncodedSession get(String id) {
    Session session = byId.getIfPresent(id);
    if (session == null) {
      return empty();
    }
    session.lock.lock();
    try {
      return encoded(session);
    } finally {
      session.lock.unlock();
    }
  }

  /** The clicks that are kept of a session, oldest first; none if there is none of this id. */
  List<Click> clicks(String id) {
    Session session = byId.getIfPresent(id);
    if (session == null) {
      return List.of();
    }
    session.lock.lock();
    try {
      return List.copyOf(session.clicks);
    } finally {
      session.lock.unlock();
    }
  }

  /** A session without clicks. */
  EncodedSession empty() {
    ServingModel model = states.model();
    return new EncodedSession(
        model, SessionVector.empty(model.version(), model.items().dimension()));
  }

  /**
   * Forgets a session: its clicks and its state.
   *
   * @return whether there was one
   */
  boolean forget(String id) {
    Session session = byId.getIfPresent(id);
    if (session == null) {
      return false;
    }
    session.lock.lock();
    try {
      boolean existed = !session.forgotten && !session.clicks.isEmpty();
      write(new ClickJournal.Entry.Forgotten(id, clock.millis()));
      session.forgotten = true;
      session.clicks.clear();
      byId.asMap().remove(id, session);
      states.forget(session.stateKey);
      return existed;
    } finally {
      session.lock.unlock();
    }
  }

  /** Estimated number of sessions. */
  long size() {
    byId.cleanUp();
    return byId.estimatedSize();
  }

  /** Ends what is written to disk. */
  void close() throws IOException {
    if (journal != null) {
      journal.close();
    }
  }
}
