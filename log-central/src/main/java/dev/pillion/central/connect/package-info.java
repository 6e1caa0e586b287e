/**
 * Connections. In: sockets that the web server accepted. Out: requests whose bodies are as sent,
 * word of clients that left or stalled, and WebSockets. One thread looks at requests that take
 * long; a WebSocket has a virtual thread more, for what its client says. Next: {@link
 * dev.pillion.central.access}.
 */
package dev.pillion.central.connect;
