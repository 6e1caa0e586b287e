package dev.pillion.ambassador;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.sql.SQLException;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

/** Servers that lie or stammer before there is TLS. */
class TlsNegotiationIT extends HostileServer {

    TlsNegotiationIT() throws IOException {}

    @Test
    void believesNoByteThatCameBeforeTheHandshake() throws Exception {
        serve(
                socket -> {
                    read(socket.getInputStream().readNBytes(8));
                    ByteArrayOutputStream smuggled = new ByteArrayOutputStream();
                    smuggled.write('S');
                    smuggled.writeBytes(letIn());
                    socket.getOutputStream().write(smuggled.toByteArray());
                    socket.getInputStream().readAllBytes();
                });
        assertRefused("08006", "TLS", Map.of());
    }

    @Test
    void staysOutWhereTlsIsNotSpoken() throws Exception {
        serve(socket -> socket.getOutputStream().write('N'));
        assertRefused("08006", "does not speak TLS", Map.of("tls", "require"));
    }

    /** A server that is going down or has no process left for us says so before any TLS. */
    @Test
    void asksAgainWhereTlsIsAnsweredWithAnErrorWhoseWordsItTellsNobody() throws Exception {
        serve(
                socket -> {
                    read(socket.getInputStream().readNBytes(8));
                    socket.getOutputStream().write(fatal("smuggled words"));
                });
        SQLException refused =
                assertThrows(SQLException.class, () -> login(Map.of("login-deadline", "2s")));
        assertEquals("08006", refused.getSQLState(), refused.getMessage());
        assertFalse(refused.getMessage().contains("smuggled"), refused.getMessage());
        AtomicBoolean refuses = new AtomicBoolean(true);
        serve(
                socket -> {
                    if (refuses.getAndSet(false)) {
                        read(socket.getInputStream().readNBytes(8));
                        socket.getOutputStream().write(fatal("shutting down"));
                        return;
                    }
                    Tls tls = Tls.asked(socket);
                    tls.startup();
                    tls.send(letIn());
                    tls.in.readAllBytes();
                });
        login(Map.of()).close();
    }

    @Test
    void beginsDirectlyAndInsistsOnPostgresql() throws Exception {
        serve(
                socket -> {
                    Tls tls = Tls.direct(socket, "postgresql");
                    heard.add(tls.socket.getApplicationProtocol());
                    heard.add(tls.askedFor());
                    tls.startup();
                    tls.send(letIn());
                    tls.in.readAllBytes();
                });
        login(Map.of("tls.negotiation", "direct")).close();
        assertEquals("postgresql", next());
        assertEquals("localhost", next(), "the name in SNI");
        serve(
                socket -> {
                    Tls tls = Tls.direct(socket, "");
                    tls.in.readAllBytes();
                });
        assertRefused("08006", "ALPN", Map.of("tls.negotiation", "direct"));
    }
}
