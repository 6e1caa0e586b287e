package dev.pillion.ambassador.routes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.pillion.ambassador.settings.Mistake;
import dev.pillion.launcher.certificates.CertificateAuthority;
import dev.pillion.launcher.certificates.ServerCertificate;

import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.sec.ECPrivateKey;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemWriter;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.io.StringWriter;
import java.math.BigInteger;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.interfaces.RSAPrivateKey;
import java.security.spec.InvalidKeySpecException;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Certificates and keys as people and cert-manager write them. */
class IdentityTest {

    private static final CertificateAuthority AUTHORITY =
            CertificateAuthority.create("test CA", Clock.systemUTC());

    private static final KeyPair RSA = newRsaKey();

    @Test
    void readsKeysInEveryUsualForm() throws Exception {
        for (String algorithm : List.of("RSA", "EC", "Ed25519")) {
            KeyPair pair =
                    algorithm.equals("RSA")
                            ? RSA
                            : KeyPairGenerator.getInstance(algorithm).generateKeyPair();
            assertEquals(
                    pair.getPrivate(),
                    PrivateKeyText.read(pem("PRIVATE KEY", pair.getPrivate().getEncoded())));
            if (!algorithm.equals("Ed25519")) {
                assertEquals(
                        number(pair.getPrivate()),
                        number(
                                PrivateKeyText.read(
                                        pem(
                                                algorithm + " PRIVATE KEY",
                                                inner(pair.getPrivate())))));
            }
        }
    }

    @Test
    void refusesWhatIsNoKey() throws Exception {
        KeyPair pair = KeyPairGenerator.getInstance("EC").generateKeyPair();
        byte[] sec1 = inner(pair.getPrivate());
        for (String broken :
                List.of(
                        "/etc/tls/tls.key",
                        pem("ENCRYPTED PRIVATE KEY", pair.getPrivate().getEncoded()),
                        pem("RSA PRIVATE KEY", sec1),
                        pem("PRIVATE KEY", sec1),
                        pem("EC PRIVATE KEY", java.util.Arrays.copyOf(sec1, 20)),
                        pem("EC PRIVATE KEY", new byte[] {0x30, (byte) 0x84, 127, -1, -1, -1}))) {
            assertThrows(InvalidKeySpecException.class, () -> PrivateKeyText.read(broken), broken);
        }
    }

    @Test
    void takesOnlyAKeyThatBelongsToTheCertificate() throws Exception {
        ServerCertificate own = AUTHORITY.issue("app");
        ServerCertificate other = AUTHORITY.issue("app");
        assertEquals(List.of(), mistakes(own.certificatePem(), own.privateKeyPem()));
        assertEquals(
                List.of("route.db.tls.key: does not belong to route.db.tls.certificate"),
                mistakes(own.certificatePem(), other.privateKeyPem()));
        assertEquals(
                List.of(
                        "route.db.tls.key: holds no PEM private key (RSA or EC, not encrypted); the"
                                + " value is the text from -----BEGIN on, not a path"),
                mistakes(own.certificatePem(), "/etc/tls.key"));
        assertEquals(
                List.of("route.db.tls.key: does not belong to route.db.tls.certificate"),
                mistakes(own.certificatePem(), pem("PRIVATE KEY", RSA.getPrivate().getEncoded())));
    }

    @Test
    void wantsNoPasswordWhereACertificateSaysWhoWeAre() {
        ServerCertificate own = AUTHORITY.issue("app");
        Map<String, String> properties = properties(own.certificatePem(), own.privateKeyPem());
        properties.remove("route.db.password");
        assertEquals(List.of(), RouteTableParser.parse(properties, "/secrets").mistakes());
    }

    private static KeyPair newRsaKey() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(2048);
            return generator.generateKeyPair();
        } catch (NoSuchAlgorithmException never) {
            throw new IllegalStateException("every JDK has RSA", never);
        }
    }

    private static List<String> mistakes(String certificate, String key) {
        return RouteTableParser.parse(properties(certificate, key), "/secrets").mistakes().stream()
                .map(Mistake::line)
                .toList();
    }

    private static Map<String, String> properties(String certificate, String key) {
        return new TreeMap<>(
                Map.of(
                        "route.db.protocol", "postgres",
                        "route.db.listen", "15432",
                        "route.db.upstream", "db:5432",
                        "route.db.user", "orders_owner",
                        "route.db.password", "s3cret",
                        "route.db.tls.certificate", certificate,
                        "route.db.tls.key", key));
    }

    /** The secret itself; encodings of one key may differ in what they add. */
    private static BigInteger number(PrivateKey key) {
        return key instanceof java.security.interfaces.ECPrivateKey ec
                ? ec.getS()
                : ((RSAPrivateKey) key).getPrivateExponent();
    }

    /** PKCS #1 or SEC 1, the latter with its curve: what PKCS #8 wraps. */
    private static byte[] inner(PrivateKey key) throws IOException {
        if (key instanceof java.security.interfaces.ECPrivateKey ec) {
            return new ECPrivateKey(
                            ec.getParams().getOrder().bitLength(),
                            ec.getS(),
                            PrivateKeyInfo.getInstance(key.getEncoded())
                                    .getPrivateKeyAlgorithm()
                                    .getParameters())
                    .getEncoded();
        }
        return PrivateKeyInfo.getInstance(key.getEncoded())
                .parsePrivateKey()
                .toASN1Primitive()
                .getEncoded();
    }

    private static String pem(String type, byte[] der) throws IOException {
        StringWriter text = new StringWriter();
        try (PemWriter writer = new PemWriter(text)) {
            writer.writeObject(new PemObject(type, der));
        }
        return text.toString();
    }
}
