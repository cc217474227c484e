package io.attune.log;

/**
 * A column of a typed table.
 *
 * @param name the column's name; within structs its path, joined with dots
 * @param type the type of the values, or of the elements of lists
 * @param isList whether a row has a list of values
 */
public record TableColumn(String name, ValueType type, boolean isList) {}
