package io.attune.examples.shop;

import java.time.Instant;

/**
 * A click, which is a row of the click log.
 *
 * @param sessionId the visit, such as {@code s004711}; visits are numbered by their first click
 * @param itemId the clicked {@link Product}
 * @param time the time in whole seconds
 */
public record ShopClick(String sessionId, String itemId, Instant time) {}
