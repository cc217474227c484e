package io.attune.vector;

import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * A pool of scratch objects for concurrent calls.
 *
 * <p>It grows to the largest number of concurrent calls. Unlike a {@link ThreadLocal}, it costs no
 * memory per thread, suits virtual threads, and is collected with its owner, since no thread keeps
 * an object after a call.
 *
 * <p>Thread-safe. Internal: shared by the modules of Attune.
 */
public final class ScratchPool<T> {
  private final ConcurrentLinkedDeque<T> free = new ConcurrentLinkedDeque<>();
  private final Supplier<T> factory;

  /**
   * Creates an empty pool.
   *
   * @param factory creates an object if none is free
   */
  public ScratchPool(Supplier<T> factory) {
    this.factory = factory;
  }

  /**
   * Calls a function with an object that no other call uses meanwhile. If the function throws, the
   * object is dropped.
   */
  public <R> R with(Function<T, R> use) {
    T pooled = free.pollFirst();
    T scratch = pooled == null ? factory.get() : pooled;
    R result = use.apply(scratch);
    free.addFirst(scratch);
    return result;
  }

  /** Like {@link #with}, for a function without a result. */
  public void use(Consumer<T> use) {
    T pooled = free.pollFirst();
    T scratch = pooled == null ? factory.get() : pooled;
    use.accept(scratch);
    free.addFirst(scratch);
  }
}
