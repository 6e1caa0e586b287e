/**
 * Health, metrics and the list of files. In: requests. Out: JSON. On the server's threads; reads\n
 * * volatile fields only.
 */
package dev.pillion.adapter.admin;
