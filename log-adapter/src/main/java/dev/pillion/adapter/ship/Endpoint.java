package dev.pillion.adapter.ship;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * Where requests go, how they are packed, and how the adapter proves who it is.
 *
 * @param uri of the OTLP/HTTP logs resource, whole
 * @param headers sent with each request: names and values
 * @param tokenFile its first line is sent as a bearer token
 * @param tls files for https
 * @param compression what requests are packed with
 * @param connectTimeout for a connection, TLS handshake included
 * @param requestTimeout for a request with its answer
 */
public record Endpoint(
        URI uri,
        Map<String, String> headers,
        Optional<Path> tokenFile,
        Tls.Files tls,
        Compression compression,
        Duration connectTimeout,
        Duration requestTimeout) {

    /** What requests are packed with. */
    public enum Compression {
        /** gzip, and zstd as soon as an answer has said that it is taken. */
        AUTO,
        ZSTD,
        GZIP,
        NONE
    }

    public Endpoint {
        headers = Map.copyOf(headers);
    }

    boolean secure() {
        return "https".equals(uri.getScheme());
    }

    /**
     * For people: scheme, host and port. Some receivers have their token in the path or the query,
     * and a URL may name a user.
     */
    public String address() {
        String port = uri.getPort() > 0 ? ":" + uri.getPort() : "";
        return uri.getScheme() + "://" + uri.getHost() + port;
    }

    int port() {
        int port = uri.getPort();
        return port > 0 ? port : secure() ? 443 : 80;
    }
}
