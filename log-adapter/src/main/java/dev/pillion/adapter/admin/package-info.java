/**
 * Health, metrics and the list of files, and how long the server waits for a request's headers. In:
 * requests. Out: JSON. On the server's threads; reads volatile fields only.
 */
package dev.pillion.adapter.admin;
