package dev.pillion.ambassador.relay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.pillion.ambassador.connect.Wire;
import dev.pillion.launcher.certificates.CertificateAuthority;
import dev.pillion.launcher.certificates.ServerCertificate;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.security.KeyStore;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManagerFactory;

/** A peer may ask for new keys as often as it likes, and each time is owed an answer. */
class KeyUpdateTest {

    private static final ServerCertificate CERTIFICATE =
            CertificateAuthority.create("test CA", Clock.systemUTC()).issue("localhost");

    @Test
    void isNotAnsweredForEverWhereTheAnswersAreNotRead() throws Exception {
        try (Relay relay = new Relay(1);
                Pair left = Pair.open();
                Pair right = Pair.open()) {
            Wire server = new Wire(right.far());
            Wire upstream = new Wire(right.near());
            CompletableFuture<Void> handshake =
                    CompletableFuture.runAsync(() -> unchecked(() -> server.startTls(accepting())));
            upstream.startTls(asking());
            handshake.get(10, TimeUnit.SECONDS);
            relay.start(
                    new Wire(left.near()),
                    upstream,
                    (ending, bytesUp, bytesDown) -> {},
                    Duration.ofMinutes(1));

            SSLEngine engine = server.engine().orElseThrow();
            right.far().configureBlocking(false);
            assertTrue(askUntilNobodyReads(right.far(), engine) < 100_000, "all were read");

            // Once they are read the session is as before.
            right.far().configureBlocking(true);
            CompletableFuture<byte[]> heard = new CompletableFuture<>();
            Thread.ofVirtual().start(() -> unchecked(() -> heard.complete(server.read(4))));
            right.far().write(unsent);
            left.far().write(ByteBuffer.wrap("ping".getBytes(US_ASCII)));
            assertEquals("ping", new String(heard.get(20, TimeUnit.SECONDS), US_ASCII));
            server.write("pong".getBytes(US_ASCII));
            assertEquals("pong", new String(new Wire(left.far()).read(4), US_ASCII));
        }
    }

    private ByteBuffer unsent = ByteBuffer.allocate(0);

    /** How many KeyUpdates were taken before nothing was any more for a second. */
    private int askUntilNobodyReads(SocketChannel channel, SSLEngine engine) throws IOException {
        unsent = ByteBuffer.allocate(engine.getSession().getPacketBufferSize()).limit(0);
        long last = System.nanoTime();
        int asked = 0;
        while (asked < 100_000 && System.nanoTime() - last < TimeUnit.SECONDS.toNanos(1)) {
            if (!unsent.hasRemaining()) {
                engine.beginHandshake();
                unsent.clear();
                engine.wrap(ByteBuffer.allocate(0), unsent);
                unsent.flip();
                asked++;
            }
            if (channel.write(unsent) > 0) {
                last = System.nanoTime();
            }
        }
        return asked;
    }

    private static SSLEngine accepting() {
        SSLEngine engine = CERTIFICATE.serverContext().createSSLEngine();
        engine.setUseClientMode(false);
        return engine;
    }

    private static SSLEngine asking() throws Exception {
        KeyStore believed = KeyStore.getInstance(KeyStore.getDefaultType());
        believed.load(null, null);
        believed.setCertificateEntry("server", CERTIFICATE.certificate());
        TrustManagerFactory trust =
                TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(believed);
        SSLContext context = SSLContext.getInstance("TLSv1.3");
        context.init(null, trust.getTrustManagers(), null);
        SSLEngine engine = context.createSSLEngine();
        engine.setUseClientMode(true);
        return engine;
    }

    private interface Action {
        void run() throws IOException;
    }

    private static void unchecked(Action action) {
        try {
            action.run();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
