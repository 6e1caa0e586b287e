package dev.pillion.launcher.certificates;

import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Date;

/**
 * A certificate authority that lives as long as the process: it signs the certificates of the
 * database and of the partner, and the ambassador trusts nothing else. Its key is never written
 * down.
 *
 * <p>Thread-safe; P-256 keys, ECDSA with SHA-256 (RFC 5480).
 */
public final class CertificateAuthority {

    private static final Duration LIFETIME = Duration.ofDays(30);
    private static final Duration CLOCK_SKEW = Duration.ofMinutes(5);
    private static final SecureRandom RANDOM = new SecureRandom();

    private final X509Certificate certificate;
    private final PrivateKey key;
    private final Clock clock;

    private CertificateAuthority(X509Certificate certificate, PrivateKey key, Clock clock) {
        this.certificate = certificate;
        this.key = key;
        this.clock = clock;
    }

    /**
     * Makes a new authority with a new key.
     *
     * @param commonName its name in certificates, for people
     * @param clock what the certificates' validity starts from
     */
    public static CertificateAuthority create(String commonName, Clock clock) {
        KeyPair pair = newKeyPair();
        X500Name name = new X500Name("CN=" + commonName);
        Instant now = clock.instant();
        try {
            X509v3CertificateBuilder builder =
                    new JcaX509v3CertificateBuilder(
                                    name,
                                    newSerial(),
                                    Date.from(now.minus(CLOCK_SKEW)),
                                    Date.from(now.plus(LIFETIME)),
                                    name,
                                    pair.getPublic())
                            .addExtension(Extension.basicConstraints, true, new BasicConstraints(0))
                            .addExtension(
                                    Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign));
            return new CertificateAuthority(
                    sign(builder, pair.getPrivate()), pair.getPrivate(), clock);
        } catch (IOException | GeneralSecurityException | OperatorCreationException e) {
            throw new IllegalStateException("a P-256 certificate can always be made", e);
        }
    }

    /**
     * Issues a server certificate, valid for 30 days.
     *
     * @param names DNS names or literal IP addresses that it is good for, at least one; the first
     *     becomes the common name
     */
    public ServerCertificate issue(String... names) {
        return issue(LIFETIME, names);
    }

    /**
     * Issues a server certificate.
     *
     * @param lifetime how long from now it is valid; a negative one makes an expired certificate
     * @param names DNS names or literal IP addresses that it is good for, at least one; the first
     *     becomes the common name
     */
    public ServerCertificate issue(Duration lifetime, String... names) {
        if (names.length == 0) {
            throw new IllegalArgumentException("a server certificate needs at least one name");
        }
        KeyPair pair = newKeyPair();
        Instant end = clock.instant().plus(lifetime);
        Instant start = end.minus(lifetime.abs()).minus(CLOCK_SKEW);
        try {
            GeneralName[] subjects =
                    Arrays.stream(names)
                            .map(CertificateAuthority::generalName)
                            .toArray(GeneralName[]::new);
            X509v3CertificateBuilder builder =
                    new JcaX509v3CertificateBuilder(
                                    certificate,
                                    newSerial(),
                                    Date.from(start),
                                    Date.from(end),
                                    new X500Name("CN=" + names[0]),
                                    pair.getPublic())
                            .addExtension(
                                    Extension.basicConstraints, true, new BasicConstraints(false))
                            .addExtension(
                                    Extension.keyUsage,
                                    true,
                                    new KeyUsage(KeyUsage.digitalSignature))
                            .addExtension(
                                    Extension.extendedKeyUsage,
                                    false,
                                    new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth))
                            .addExtension(
                                    Extension.subjectAlternativeName,
                                    false,
                                    new GeneralNames(subjects));
            X509Certificate issued = sign(builder, key);
            return new ServerCertificate(
                    issued, pair.getPrivate(), pem(issued), privateKeyPem(pair.getPrivate()));
        } catch (IOException | GeneralSecurityException | OperatorCreationException e) {
            throw new IllegalStateException("cannot issue for " + Arrays.toString(names), e);
        }
    }

    /** The authority's own certificate, PEM: what a client is given to trust. */
    public String certificatePem() {
        return pem(certificate);
    }

    private static X509Certificate sign(X509v3CertificateBuilder builder, PrivateKey key)
            throws OperatorCreationException, GeneralSecurityException {
        return new JcaX509CertificateConverter()
                .getCertificate(
                        builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(key)));
    }

    private static KeyPair newKeyPair() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"), RANDOM);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has P-256", e);
        }
    }

    /** RFC 5280 section 4.1.2.2: a positive number of at most 20 octets. */
    private static BigInteger newSerial() {
        return new BigInteger(159, RANDOM).add(BigInteger.ONE);
    }

    private static GeneralName generalName(String name) {
        boolean literal = name.contains(":") || name.chars().allMatch(c -> c == '.' || isDigit(c));
        if (!literal) {
            return new GeneralName(GeneralName.dNSName, name);
        }
        try {
            return new GeneralName(
                    GeneralName.iPAddress, InetAddress.getByName(name).getHostAddress());
        } catch (UnknownHostException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isDigit(int c) {
        return c >= '0' && c <= '9';
    }

    private static String pem(X509Certificate certificate) {
        return write(certificate);
    }

    private static String privateKeyPem(PrivateKey key) throws IOException {
        return write(new JcaPKCS8Generator(key, null));
    }

    private static String write(Object object) {
        StringWriter text = new StringWriter();
        try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
            writer.writeObject(object);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString();
    }
}
