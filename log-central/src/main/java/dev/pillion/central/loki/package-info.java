/**
 * A read-only part of Loki's HTTP API, so that Grafana's Explore shows our logs. In: its requests
 * with a part of LogQL. Out: its answers, made of the same questions to the store as the reading
 * API's. Runs on the virtual thread of the request. Bounded as {@link dev.pillion.central.query}
 * and {@link dev.pillion.central.tail} are. Next: {@link dev.pillion.central.view}.
 */
package dev.pillion.central.loki;
