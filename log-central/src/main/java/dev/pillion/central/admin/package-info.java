/**
 * Health and metrics. In: the store's figures, read when somebody asks. Out: MicroProfile Health
 * and Prometheus text.
 */
package dev.pillion.central.admin;
