/**
 * A simulated shop: its products, its visitors, and the click log of their visits.
 *
 * <p>Start with {@link io.attune.examples.shop.Shop}. The catalogue is the resource
 * {@code catalogue.txt}. {@code Visit} has the behaviour of visitors, {@code Taste} their
 * preferences, and {@code Demand} the popularity of products on each day.
 */
@NullMarked
package io.attune.examples.shop;

import org.jspecify.annotations.NullMarked;
