package dev.pillion.central.connect;

import io.helidon.common.uri.UriQuery;
import io.helidon.http.ServerRequestHeaders;
import io.helidon.webserver.http.ServerRequest;

import java.net.SocketAddress;

/** The part of a request that comes before its body, and who sent it. */
public record Opening(
        String path, UriQuery query, ServerRequestHeaders headers, SocketAddress peer) {

    public static Opening of(ServerRequest request) {
        return new Opening(
                request.path().absolute().path(),
                request.query(),
                request.headers(),
                request.remotePeer().address());
    }

    /** The parameter, or the empty text. */
    public String text(String name) {
        return query.first(name).orElse("");
    }
}
