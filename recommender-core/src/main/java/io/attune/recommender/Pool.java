package io.attune.recommender;

import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Working memory that calls share one after another: there are as many pieces as there were calls
 * at the same time. It costs no memory per thread, so virtual threads may call as well.
 */
public final class Pool<T> {
  private final ConcurrentLinkedDeque<T> free = new ConcurrentLinkedDeque<>();
  private final Supplier<T> make;

  public Pool(Supplier<T> make) {
    this.make = make;
  }

  /** Lends a piece to the use, and nobody else meanwhile. After a failure the piece is dropped. */
  public <R> R with(Function<T, R> use) {
    T piece = free.pollFirst();
    T lent = piece == null ? make.get() : piece;
    R result = use.apply(lent);
    free.addFirst(lent);
    return result;
  }
}
