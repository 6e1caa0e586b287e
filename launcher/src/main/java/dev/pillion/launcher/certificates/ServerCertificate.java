package dev.pillion.launcher.certificates;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;

import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/**
 * A certificate with its key, in both forms that servers want.
 *
 * @param certificate the certificate
 * @param key its private key
 * @param certificatePem the certificate as PEM (RFC 7468)
 * @param privateKeyPem the key as PKCS #8 PEM, not encrypted: a file of it must be readable by its
 *     owner alone
 */
public record ServerCertificate(
        X509Certificate certificate, PrivateKey key, String certificatePem, String privateKeyPem) {

    /**
     * A certificate and its key from a Secret's files.
     *
     * @param certificatePem one certificate as PEM
     * @param privateKeyPem an EC key as PKCS #8 PEM
     * @throws GeneralSecurityException if one of the two is not that
     */
    public static ServerCertificate parse(String certificatePem, String privateKeyPem)
            throws GeneralSecurityException {
        Certificate certificate =
                CertificateFactory.getInstance("X.509")
                        .generateCertificate(
                                new ByteArrayInputStream(
                                        certificatePem.getBytes(StandardCharsets.US_ASCII)));
        byte[] key =
                Base64.getMimeDecoder().decode(privateKeyPem.replaceAll("-----[A-Z ]+-----", ""));
        return new ServerCertificate(
                (X509Certificate) certificate,
                KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(key)),
                certificatePem,
                privateKeyPem);
    }

    /** A TLS context for a server that presents this certificate. */
    public SSLContext serverContext() {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setKeyEntry("server", key, new char[0], new Certificate[] {certificate});
            KeyManagerFactory keys =
                    KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(store, new char[0]);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys.getKeyManagers(), null, null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("a key made here can always be presented", e);
        }
    }

    /** Never the key. */
    @Override
    public String toString() {
        return "ServerCertificate[" + certificate.getSubjectX500Principal() + "]";
    }
}
