import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.Locale;
import java.util.concurrent.Executors;

import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/**
 * The partner as a container: exchange rates over HTTPS on port 8443 for whoever shows the API key.
 *
 * <p>In: the Secret mounted at {@code /etc/partner} with {@code tls.crt}, {@code tls.key} (P-256,
 * PKCS#8) and {@code api-key}. Answers as the launcher's partner does. One virtual thread a
 * request.
 */
public final class Partner {

    private static final Path SECRET = Path.of("/etc/partner");
    private static final int PORT = 8443;
    private static final double SWING = 0.01;
    private static final long SWING_SECONDS = 600;

    private final byte[] key;

    private Partner(byte[] key) {
        this.key = key;
    }

    public static void main(String[] arguments) throws IOException, GeneralSecurityException {
        byte[] key =
                Files.readString(SECRET.resolve("api-key"))
                        .strip()
                        .getBytes(StandardCharsets.UTF_8);
        HttpsServer server = HttpsServer.create(new InetSocketAddress(PORT), 64);
        server.setHttpsConfigurator(new HttpsConfigurator(tls()));
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        Partner partner = new Partner(key);
        server.createContext("/rates", partner::rates);
        server.createContext("/health", exchange -> respond(exchange, 200, "{\"status\":\"UP\"}"));
        server.start();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> server.stop(0)));
    }

    private static SSLContext tls() throws IOException, GeneralSecurityException {
        Certificate certificate =
                CertificateFactory.getInstance("X.509")
                        .generateCertificate(
                                new ByteArrayInputStream(
                                        Files.readAllBytes(SECRET.resolve("tls.crt"))));
        String pem =
                Files.readString(SECRET.resolve("tls.key")).replaceAll("-----[A-Z ]+-----", "");
        PrivateKey privateKey =
                KeyFactory.getInstance("EC")
                        .generatePrivate(
                                new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(pem)));
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry("partner", privateKey, new char[0], new Certificate[] {certificate});
        KeyManagerFactory keys =
                KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, new char[0]);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        return context;
    }

    private void rates(HttpExchange exchange) throws IOException {
        String shown = exchange.getRequestHeaders().getFirst("X-API-Key");
        if (shown == null || !MessageDigest.isEqual(shown.getBytes(StandardCharsets.UTF_8), key)) {
            respond(exchange, 401, "{\"error\":\"header X-API-Key is missing or wrong\"}");
            return;
        }
        double phase =
                2 * Math.PI * (System.currentTimeMillis() / 1000 % SWING_SECONDS) / SWING_SECONDS;
        respond(
                exchange,
                200,
                String.format(
                        Locale.ROOT,
                        "{\"base\":\"EUR\",\"date\":\"%s\",\"rates\":{\"USD\":%.4f,\"GBP\":%.4f,\"CHF\":%.4f,\"JPY\":%.2f}}",
                        LocalDate.now(ZoneOffset.UTC),
                        1.0867 * (1 + SWING * Math.sin(phase)),
                        0.8341 * (1 + SWING * Math.sin(phase + 1)),
                        0.9312 * (1 + SWING * Math.sin(phase + 2)),
                        163.45 * (1 + SWING * Math.sin(phase + 3))));
    }

    private static void respond(HttpExchange exchange, int status, String json) throws IOException {
        try (exchange) {
            byte[] body = json.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(status, body.length);
            exchange.getResponseBody().write(body);
        }
    }
}
