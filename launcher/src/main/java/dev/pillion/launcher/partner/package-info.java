/**
 * The endpoint outside of the pod: exchange rates over HTTPS for whoever shows the API key.
 *
 * <p>In: {@code GET /rates} with {@code X-API-Key}. Out: JSON. One virtual thread a request. {@link
 * dev.pillion.launcher.partner.Main} is the same as a container.
 */
package dev.pillion.launcher.partner;
