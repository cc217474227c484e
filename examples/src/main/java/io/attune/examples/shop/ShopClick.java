package io.attune.examples.shop;

import java.time.Instant;

/**
 * One click of one visitor, one row of the click log.
 *
 * @param sessionId the visit it belongs to, such as {@code s004711}; visits are numbered by their
 *     first click
 * @param itemId the {@link Product} that was looked at
 * @param time when, in whole seconds
 */
public record ShopClick(String sessionId, String itemId, Instant time) {}
