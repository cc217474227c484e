package io.attune.log;

import java.io.Serializable;

/**
 * A column of a table whose columns have types.
 *
 * @param name its path, joined with dots when it lies in groups of columns
 * @param type what its values are; of a list what the list's elements are
 * @param isList whether a row has a list of values
 */
public record TableColumn(String name, ValueType type, boolean isList) implements Serializable {}
