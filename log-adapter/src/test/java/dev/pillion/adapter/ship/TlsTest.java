package dev.pillion.adapter.ship;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsExchange;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;

import dev.pillion.adapter.ship.Certificates.Issued;
import dev.pillion.adapter.ship.Endpoint.Compression;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;

/** Whom the adapter trusts, and as whom it is known, with a real HTTPS server. */
class TlsTest {

    @TempDir Path folder;
    private final List<String> clients = new CopyOnWriteArrayList<>();
    private HttpsServer server;

    @AfterEach
    void end() {
        if (server != null) {
            server.stop(0);
        }
    }

    /** A server that notes the name of each client's certificate. */
    private URI serve(Issued shown, Certificates trusted) throws Exception {
        SSLContext context = Certificates.server(shown, trusted);
        server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(
                new HttpsConfigurator(context) {
                    @Override
                    public void configure(HttpsParameters parameters) {
                        SSLParameters tls = context.getDefaultSSLParameters();
                        tls.setWantClientAuth(true);
                        parameters.setSSLParameters(tls);
                    }
                });
        server.createContext(
                "/",
                exchange -> {
                    exchange.getRequestBody().readAllBytes();
                    try {
                        clients.add(
                                ((HttpsExchange) exchange)
                                        .getSSLSession()
                                        .getPeerPrincipal()
                                        .getName());
                    } catch (IOException e) {
                        clients.add("nobody");
                    }
                    exchange.sendResponseHeaders(200, -1);
                    exchange.close();
                });
        server.start();
        return URI.create("https://localhost:" + server.getAddress().getPort() + "/v1/logs");
    }

    private static OtlpClient client(URI uri, Tls.Files files) {
        return new OtlpClient(
                new Endpoint(
                        uri,
                        Map.of(),
                        Optional.empty(),
                        files,
                        Compression.NONE,
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(5)));
    }

    private static Delivery post(URI uri, Tls.Files files) throws InterruptedException {
        try (OtlpClient client = client(uri, files)) {
            return client.post(new byte[100], 100);
        }
    }

    private Tls.Files trusting(Certificates authority) throws IOException {
        Path ca = Certificates.pem(folder.resolve("ca.crt"), authority.authority.certificate());
        return new Tls.Files(Optional.of(ca), Optional.empty(), Optional.empty());
    }

    @Test
    void trustsWhomTheFileNames() throws Exception {
        Certificates authority = new Certificates("ca");
        URI uri = serve(authority.issue("localhost", "EC"), authority);
        assertInstanceOf(Delivery.Accepted.class, post(uri, trusting(authority)));
        assertEquals(List.of("nobody"), clients);
    }

    @Test
    void sendsNothingToAStrangerOrToAnotherHost() throws Exception {
        Certificates authority = new Certificates("ca");
        URI uri = serve(authority.issue("elsewhere.example", "EC"), authority);
        Delivery.Retry host =
                assertInstanceOf(Delivery.Retry.class, post(uri, trusting(authority)));
        assertTrue(host.reason().contains("localhost"), host.reason());
        assertInstanceOf(Delivery.Retry.class, post(uri, trusting(new Certificates("other"))));
        assertInstanceOf(
                Delivery.Retry.class,
                post(uri, new Tls.Files(Optional.empty(), Optional.empty(), Optional.empty())));
        assertEquals(List.of(), clients);
    }

    @Test
    void showsACertificateWithItsKeyInEachForm() throws Exception {
        Certificates authority = new Certificates("ca");
        URI uri = serve(authority.issue("localhost", "EC"), authority);
        for (String algorithm : List.of("EC", "RSA", "Ed25519")) {
            Issued mine = authority.issue("adapter-" + algorithm, algorithm);
            Path certificate =
                    Certificates.pem(folder.resolve(algorithm + ".crt"), mine.certificate());
            Path pkcs8 = Certificates.pkcs8(folder.resolve(algorithm + ".p8"), mine);
            Path older = Certificates.older(folder.resolve(algorithm + ".key"), mine);
            for (Path key : List.of(pkcs8, older)) {
                Tls.Files files =
                        new Tls.Files(
                                trusting(authority).authorities(),
                                Optional.of(certificate),
                                Optional.of(key));
                assertEquals(Optional.empty(), Tls.mistake(files), key.toString());
                clients.clear();
                assertInstanceOf(Delivery.Accepted.class, post(uri, files));
                assertEquals(List.of("CN=adapter-" + algorithm), clients, key.toString());
            }
        }
    }

    @Test
    void takesUpARenewedCertificate() throws Exception {
        Certificates authority = new Certificates("ca");
        URI uri = serve(authority.issue("localhost", "EC"), authority);
        Path certificate = folder.resolve("tls.crt");
        Path key = folder.resolve("tls.key");
        Tls.Files files =
                new Tls.Files(
                        trusting(authority).authorities(),
                        Optional.of(certificate),
                        Optional.of(key));
        Issued first = authority.issue("first", "EC");
        Certificates.pem(certificate, first.certificate());
        Certificates.pkcs8(key, first);
        try (OtlpClient client = client(uri, files)) {
            client.post(new byte[100], 100);
            Issued second = authority.issue("second", "EC");
            Certificates.pem(certificate, second.certificate());
            Certificates.pkcs8(key, second);
            Files.setLastModifiedTime(key, FileTime.from(Instant.now().plusSeconds(5)));
            client.post(new byte[100], 100);
            // A Secret that is halfway written: what was made before serves on.
            Files.writeString(certificate, "-----BEGIN CERTIFICATE-----\n");
            assertInstanceOf(Delivery.Accepted.class, client.post(new byte[100], 100));
        }
        assertEquals(List.of("CN=first", "CN=second", "CN=second"), clients);
    }

    @Test
    void saysWhatIsWrongWithAFile() throws Exception {
        Path none = folder.resolve("none.crt");
        Path text = Files.writeString(folder.resolve("text.crt"), "no certificate");
        for (Path path : List.of(none, text)) {
            String mistake =
                    Tls.mistake(
                                    new Tls.Files(
                                            Optional.of(path), Optional.empty(), Optional.empty()))
                            .orElse("");
            assertTrue(mistake.contains(path.toString()), mistake);
        }
    }
}
