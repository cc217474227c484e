package io.attune.vector;

import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Working memory that calls share one after another: there are as many pieces as there were calls
 * at the same time. It costs no memory per thread, so virtual threads may call as well, and it goes
 * with its owner: no thread holds a piece once a call is over, as a {@link ThreadLocal} would.
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

  /** Lends a piece as {@link #with} does, to a use without a result. */
  public void use(Consumer<T> use) {
    T piece = free.pollFirst();
    T lent = piece == null ? make.get() : piece;
    use.accept(lent);
    free.addFirst(lent);
  }
}
