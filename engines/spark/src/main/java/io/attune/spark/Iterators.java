package io.attune.spark;

import java.util.Iterator;
import java.util.function.Function;

/** Lazy operations on iterators. */
final class Iterators {
  private Iterators() {}

  static <T, R> Iterator<R> map(Iterator<T> source, Function<T, R> function) {
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return source.hasNext();
      }

      @Override
      public R next() {
        return function.apply(source.next());
      }
    };
  }
}
