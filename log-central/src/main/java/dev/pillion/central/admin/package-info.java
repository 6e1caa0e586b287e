/**
 * Health, metrics and backups. In: the store's figures, and its files. Out: MicroProfile Health,
 * Prometheus text, a tar archive. On the asking thread; one backup at a time.
 */
package dev.pillion.central.admin;
