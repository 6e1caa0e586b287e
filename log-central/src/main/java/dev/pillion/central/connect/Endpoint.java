package dev.pillion.central.connect;

import java.util.Optional;

/** Who takes WebSockets; found in Helidon's global context. */
public interface Endpoint {

    /**
     * @return what speaks on it, or nothing if the request is to go on as plain HTTP
     */
    Optional<WebSocket.Speaker> open(Opening opening);
}
