/**
 * HTTP/1.1 on localhost to an HTTP or HTTPS endpoint. In: a request of the application, on a
 * virtual thread of its own. Out: the same request with the Secret's headers added and the
 * upstream's Host, and its answer, both streamed. Bounded by max-sessions (503 beyond),
 * connect-timeout and request-timeout (504); an upstream that cannot be reached is a 502.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1">RFC 9110, 7.6.1</a>
 */
package dev.pillion.ambassador.http;
