/**
 * What an operator sees: {@code /routes}, the page at {@code /}, health, metrics, OpenAPI. In: the
 * running ambassador, read only. Out: JSON and HTML without any secret. Plain services on Helidon's
 * request threads; nothing here is on the way of a session.
 */
package dev.pillion.ambassador.admin;
