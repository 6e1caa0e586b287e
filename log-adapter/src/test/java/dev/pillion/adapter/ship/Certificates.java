package dev.pillion.adapter.ship;

import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.util.io.pem.PemObject;

import java.io.IOException;
import java.io.StringWriter;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPrivateKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;

import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** An authority for tests, and what it signs. */
final class Certificates {

    /** A certificate with its key. */
    record Issued(X509Certificate certificate, KeyPair keys) {}

    private static long serial = 1;

    final Issued authority;

    Certificates(String name) throws Exception {
        KeyPair keys = keys("EC");
        authority = new Issued(sign(name, keys, name, keys, true), keys);
    }

    /** A certificate for a host or a client. */
    Issued issue(String name, String algorithm) throws Exception {
        KeyPair keys = keys(algorithm);
        String issuer = authority.certificate().getSubjectX500Principal().getName().substring(3);
        return new Issued(sign(name, keys, issuer, authority.keys(), false), keys);
    }

    private static KeyPair keys(String algorithm) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
        generator.initialize(
                switch (algorithm) {
                    case "RSA" -> 2048;
                    case "EC" -> 256;
                    default -> 255;
                });
        return generator.generateKeyPair();
    }

    private static synchronized X509Certificate sign(
            String name, KeyPair keys, String issuer, KeyPair issuerKeys, boolean authority)
            throws Exception {
        Instant now = Instant.now();
        var builder =
                new JcaX509v3CertificateBuilder(
                                new X500Name("CN=" + issuer),
                                BigInteger.valueOf(serial++),
                                Date.from(now.minus(Duration.ofMinutes(5))),
                                Date.from(now.plus(Duration.ofDays(1))),
                                new X500Name("CN=" + name),
                                keys.getPublic())
                        .addExtension(
                                Extension.basicConstraints, true, new BasicConstraints(authority))
                        .addExtension(
                                Extension.subjectAlternativeName,
                                false,
                                new GeneralNames(new GeneralName(GeneralName.dNSName, name)));
        return new JcaX509CertificateConverter()
                .getCertificate(
                        builder.build(
                                new JcaContentSignerBuilder("SHA256withECDSA")
                                        .build(issuerKeys.getPrivate())));
    }

    /** What a server shows, and whom it lets in: those with a certificate of {@code clients}. */
    static SSLContext server(Issued shown, Certificates clients) throws Exception {
        KeyStore mine = KeyStore.getInstance("PKCS12");
        mine.load(null, null);
        mine.setKeyEntry(
                "server",
                shown.keys().getPrivate(),
                new char[0],
                new X509Certificate[] {shown.certificate()});
        KeyManagerFactory keys =
                KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(mine, new char[0]);
        KeyStore theirs = KeyStore.getInstance("PKCS12");
        theirs.load(null, null);
        theirs.setCertificateEntry("clients", clients.authority.certificate());
        TrustManagerFactory trust =
                TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(theirs);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }

    /** PEM as PKCS#8. */
    static Path pkcs8(Path file, Issued issued) throws IOException {
        return pem(file, new JcaPKCS8Generator(issued.keys().getPrivate(), null));
    }

    /** PEM as OpenSSL's older forms: PKCS#1 and SEC 1; PKCS#8 where there is none. */
    static Path older(Path file, Issued issued) throws IOException {
        if (issued.keys().getPrivate() instanceof ECPrivateKey key) {
            // As OpenSSL writes it, with the curve's name; BouncyCastle leaves it out.
            byte[] der =
                    new org.bouncycastle.asn1.sec.ECPrivateKey(
                                    256, key.getS(), SECObjectIdentifiers.secp256r1)
                            .getEncoded();
            return pem(file, new PemObject("EC PRIVATE KEY", der));
        }
        return pem(file, issued.keys().getPrivate());
    }

    /** PEM of a certificate or of anything else that has a form of its own. */
    static Path pem(Path file, Object object) throws IOException {
        StringWriter text = new StringWriter();
        try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
            writer.writeObject(object);
        }
        return Files.writeString(file, text.toString());
    }
}
