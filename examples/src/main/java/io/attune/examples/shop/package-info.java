/**
 * A simulated shop: products, visitors who want something, and the click log that they leave
 * behind.
 *
 * <p>Start at {@link io.attune.examples.shop.Shop}. The catalogue is the readable resource
 * {@code catalogue.txt}; how visitors behave is in {@code Visit}, what they like in {@code Taste},
 * what is popular on which day in {@code Demand}.
 */
@NullMarked
package io.attune.examples.shop;

import org.jspecify.annotations.NullMarked;
