package dev.pillion.launcher.partner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pillion.launcher.certificates.CertificateAuthority;
import dev.pillion.launcher.certificates.ServerCertificate;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Clock;

import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.TrustManagerFactory;

class PartnerServiceTest {

    private final CertificateAuthority authority =
            CertificateAuthority.create("test CA", Clock.systemUTC());
    private PartnerService partner;

    @BeforeEach
    void start() throws IOException {
        partner = PartnerService.start(0, "k3y", authority.issue("localhost"), Clock.systemUTC());
    }

    @AfterEach
    void stop() {
        partner.close();
    }

    @Test
    void tellsRatesToWhoeverShowsTheKey() throws Exception {
        HttpResponse<String> answer = get(trusting(authority), "/rates", "k3y");
        assertEquals(200, answer.statusCode());
        assertTrue(
                answer.body()
                        .matches(
                                "\\{\"base\":\"EUR\",\"date\":\"[-0-9]{10}\",\"rates\":\\{\"USD\":1\\.0.*}}"),
                answer.body());
        assertEquals(1, partner.answered());
    }

    @Test
    void refusesAWrongKey() throws Exception {
        assertEquals(401, get(trusting(authority), "/rates", "wrong").statusCode());
        assertEquals(1, partner.refused());
        assertEquals(0, partner.answered());
    }

    @Test
    void knowsNoOtherPath() throws Exception {
        assertEquals(404, get(trusting(authority), "/", "k3y").statusCode());
    }

    @Test
    void startsFromTheFilesOfASecret(@TempDir Path secret) throws Exception {
        ServerCertificate certificate = authority.issue("localhost");
        Files.writeString(secret.resolve("tls.crt"), certificate.certificatePem());
        Files.writeString(secret.resolve("tls.key"), certificate.privateKeyPem());
        Files.writeString(secret.resolve("api-key"), "of-the-secret\n");
        partner.close();
        partner = Main.start(secret, 0);
        assertEquals(200, get(trusting(authority), "/rates", "of-the-secret").statusCode());
        assertEquals(401, get(trusting(authority), "/rates", "k3y").statusCode());
        assertEquals(200, get(trusting(authority), "/health/ready", "k3y").statusCode());
    }

    @Test
    void isNotTrustedByThoseWhoTrustAnotherAuthority() {
        CertificateAuthority other = CertificateAuthority.create("other CA", Clock.systemUTC());
        assertThrows(SSLHandshakeException.class, () -> get(trusting(other), "/rates", "k3y"));
    }

    private HttpResponse<String> get(SSLContext context, String path, String key)
            throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newBuilder().sslContext(context).build()) {
            return client.send(
                    HttpRequest.newBuilder(URI.create("https://localhost:" + partner.port() + path))
                            .header(PartnerService.KEY_HEADER, key)
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        }
    }

    private static SSLContext trusting(CertificateAuthority authority)
            throws GeneralSecurityException, IOException {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry(
                "ca",
                CertificateFactory.getInstance("X.509")
                        .generateCertificate(
                                new ByteArrayInputStream(
                                        authority
                                                .certificatePem()
                                                .getBytes(StandardCharsets.US_ASCII))));
        TrustManagerFactory trust =
                TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }
}
