package dev.pillion.ambassador.postgres;

import dev.pillion.ambassador.connect.Deadline;
import dev.pillion.ambassador.connect.TlsContexts;
import dev.pillion.ambassador.connect.Wire;
import dev.pillion.ambassador.routes.Identity;
import dev.pillion.ambassador.routes.Route;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;

/**
 * What an application says before its login: may we encrypt, or at once a TLS handshake, or only
 * that a statement of another session is to be cancelled. Blocking, on the session's virtual
 * thread; bounded by the route's startup-timeout.
 */
final class Greeting {

    /** The first byte of a TLS handshake record; no startup packet begins with it. */
    private static final int TLS_HANDSHAKE = 0x16;

    /** What a direct TLS client has to ask for: registered by IANA for PostgreSQL. */
    static final String APPLICATION_PROTOCOL = "postgresql";

    private final TlsContexts contexts;

    Greeting(TlsContexts contexts) {
        this.contexts = contexts;
    }

    /**
     * Hears the application out and answers its encryption requests.
     *
     * @return a login or a cancel request; empty if it went away
     */
    Optional<Startup> hear(Route.Postgres route, Wire client)
            throws IOException, Startup.Malformed {
        try (Deadline deadline = Deadline.of(route.startupTimeout(), client)) {
            boolean sslAnswered = false;
            boolean gssAnswered = false;
            int first = client.peek();
            if (first == TLS_HANDSHAKE && route.shown().isPresent()) {
                client.startDirectTls(engine(route.shown().get()));
                String agreed = client.engine().orElseThrow().getApplicationProtocol();
                if (!APPLICATION_PROTOCOL.equals(agreed)) {
                    throw new SSLException("direct TLS without the ALPN protocol postgresql");
                }
                sslAnswered = true;
                gssAnswered = true;
            }
            while (client.await()) {
                int length = ByteBuffer.wrap(client.read(4)).getInt();
                if (length < 8 || length > Startup.MAX_BYTES || deadline.passed()) {
                    throw new Startup.Malformed("invalid length of startup packet");
                }
                switch (Startup.parse(client.read(length - 4))) {
                    case Startup.SslRequest request -> {
                        if (sslAnswered) {
                            throw new Startup.Malformed("SSLRequest was answered already");
                        }
                        sslAnswered = true;
                        if (route.shown().isPresent()) {
                            client.write(new byte[] {'S'});
                            client.startTls(engine(route.shown().get()));
                            gssAnswered = true;
                        } else {
                            client.write(new byte[] {'N'});
                        }
                    }
                    case Startup.GssRequest request -> {
                        if (gssAnswered) {
                            throw new Startup.Malformed("GSSENCRequest was answered already");
                        }
                        gssAnswered = true;
                        client.write(new byte[] {'N'});
                    }
                    case Startup.Cancel cancel -> {
                        return Optional.of(cancel);
                    }
                    case Startup.Login asked -> {
                        return Optional.of(asked);
                    }
                }
            }
            return Optional.empty();
        }
    }

    private SSLEngine engine(Identity shown) throws IOException {
        return contexts.serverEngine(shown, List.of(APPLICATION_PROTOCOL));
    }
}
