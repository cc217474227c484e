package io.attune.spark;

import java.io.Serial;
import java.io.Serializable;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;

/**
 * Carries a record to the tasks that is not serializable itself, though its components are, such as
 * the options of the libraries.
 */
final class SerializableRecord<R extends Record> implements Serializable {
  @Serial
  private static final long serialVersionUID = 1;

  private final Class<? extends Record> type;
  private final Serializable[] values;

  SerializableRecord(R value) {
    this.type = value.getClass();
    RecordComponent[] components = type.getRecordComponents();
    this.values = new Serializable[components.length];
    try {
      for (int i = 0; i < values.length; i++) {
        values[i] = (Serializable) components[i].getAccessor().invoke(value);
      }
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(type.getName() + " cannot be read", e);
    }
  }

  /** An equal record. */
  @SuppressWarnings("unchecked") // The type is that of an R.
  R get() {
    Class<?>[] types = Arrays.stream(type.getRecordComponents())
        .map(RecordComponent::getType)
        .toArray(Class<?>[]::new);
    try {
      return (R) type.getDeclaredConstructor(types).newInstance((Object[]) values);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(type.getName() + " cannot be created", e);
    }
  }
}
