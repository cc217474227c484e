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
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The clicks of live sessions, from which their encoder states are rebuilt when the model changes
 * or a state has been evicted. Thread-safe.
 *
 * <p>Clicks of a session take effect one at a time. One without a time gets that of its arrival;
 * one that arrives again with its time changes nothing.
 */
final class LiveSessions {
  private static final int USUAL_BYTES = 2048; // of a session that counts as one

  private final Cache<String, Session> byId;
  private final SessionStates states;
  private final int maxClicks;
  private final Clock clock;
  private final AtomicLong created = new AtomicLong();

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

    Session(String stateKey, int idLength) {
      this.stateKey = stateKey;
      this.idLength = idLength;
    }

    boolean contains(Click click) {
      return click.time() != Sessions.NO_TIME && clicks.contains(click);
    }

    void add(Click click, int maxClicks) {
      clicks.addLast(click);
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
   * No sessions yet.
   *
   * @param states keeps the encoder states; its model is that of all answers
   * @param clock tells the arrival of clicks without a time
   */
  LiveSessions(SessionStates states, ServerLimits limits, Clock clock, Ticker ticker) {
    this.states = states;
    this.maxClicks = limits.sessionClicks();
    this.clock = clock;
    this.byId = Caffeine.newBuilder()
        .maximumWeight((long) limits.sessions() * USUAL_BYTES)
        .weigher((String id, Session session) -> Math.max(USUAL_BYTES, session.bytes()))
        .expireAfterWrite(limits.expiry())
        .ticker(ticker)
        .executor(Runnable::run)
        .build();
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
        Appended appended = append(session, click);
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

  private Appended append(Session session, Click click) {
    if (session.contains(click)) {
      return new Appended(encoded(session), session.clicks.size(), true);
    }
    Click timed = click;
    for (long time = clock.millis(); timed.time() == Sessions.NO_TIME; time++) {
      Click arrived = new Click(click.item(), time);
      timed = session.contains(arrived) ? click : arrived;
    }
    EncodedSession encoded =
        states.append(session.stateKey, timed, () -> List.copyOf(session.clicks));
    session.add(timed, maxClicks);
    return new Appended(encoded, session.clicks.size(), false);
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
}
