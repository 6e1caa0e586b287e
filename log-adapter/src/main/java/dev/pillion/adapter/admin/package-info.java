/**
 * Health, metrics and the list of files. In: requests. Out: JSON. On the server's threads; reads
 * volatile fields only.
 */
package dev.pillion.adapter.admin;
