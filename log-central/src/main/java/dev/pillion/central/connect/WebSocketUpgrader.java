package dev.pillion.central.connect;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.context.Contexts;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.HttpPrologue;
import io.helidon.http.ServerRequestHeaders;
import io.helidon.http.WritableHeaders;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.http1.spi.Http1Upgrader;
import io.helidon.webserver.spi.ServerConnection;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Optional;

/**
 * Makes a WebSocket of a request that asks for one and that the {@link Endpoint} takes; any other
 * goes on as plain HTTP, where it is refused with a reason. Helidon's own WebSockets are not to be
 * had in this version.
 */
final class WebSocketUpgrader implements Http1Upgrader {

    private static final String MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    private static final String VERSION = "13";
    private static final HeaderName KEY = HeaderNames.create("Sec-WebSocket-Key");
    private static final HeaderName WANTED = HeaderNames.create("Sec-WebSocket-Version");

    @Override
    public String supportedProtocol() {
        return "websocket";
    }

    @Override
    public ServerConnection upgrade(
            ConnectionContext connection, HttpPrologue prologue, WritableHeaders<?> headers) {
        Optional<String> key = headers.first(KEY);
        Optional<Endpoint> endpoint = Contexts.globalContext().get(Endpoint.class);
        if (key.isEmpty()
                || endpoint.isEmpty()
                || !headers.first(WANTED).filter(VERSION::equals).isPresent()) {
            return null;
        }
        Optional<WebSocket.Speaker> speaker =
                endpoint.get()
                        .open(
                                new Opening(
                                        prologue.uriPath().path(),
                                        prologue.query(),
                                        ServerRequestHeaders.create(headers),
                                        connection.remotePeer().address()));
        if (speaker.isEmpty()) {
            return null;
        }
        String answer =
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        + "Sec-WebSocket-Accept: "
                        + accept(key.get())
                        + "\r\n\r\n";
        connection
                .dataWriter()
                .writeNow(BufferData.create(answer.getBytes(StandardCharsets.US_ASCII)));
        return new WebSocket(connection, speaker.get());
    }

    private static String accept(String key) {
        try {
            return Base64.getEncoder()
                    .encodeToString(
                            MessageDigest.getInstance("SHA-1")
                                    .digest((key + MAGIC).getBytes(StandardCharsets.US_ASCII)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
