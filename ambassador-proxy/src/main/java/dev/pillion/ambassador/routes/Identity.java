package dev.pillion.ambassador.routes;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.List;

/**
 * A certificate chain with its key, as PEM: what a client shows the upstream, or the ambassador
 * shows the application.
 *
 * @param certificates the end's own first, then those that lead to the authority
 * @param key PKCS #8, PKCS #1 or SEC 1, not encrypted
 */
public record Identity(String certificates, Secret key) {

    /**
     * Both, for a key manager. The store and its key have an empty password: it never leaves
     * memory.
     *
     * @throws GeneralSecurityException if one of them cannot be read or they do not belong together
     */
    public KeyStore keyStore() throws GeneralSecurityException, IOException {
        List<X509Certificate> chain = chain(certificates);
        PrivateKey privateKey = PrivateKeyText.read(key.value());
        if (!belongs(privateKey, chain.get(0).getPublicKey())) {
            throw new InvalidKeyException("the key is not the certificate's");
        }
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry("own", privateKey, new char[0], chain.toArray(Certificate[]::new));
        return store;
    }

    /** The end's own certificate, as it is shown to the peer. */
    public X509Certificate certificate() throws CertificateException {
        return chain(certificates).get(0);
    }

    /** All certificates of a text, at least one. */
    static List<X509Certificate> chain(String pem) throws CertificateException {
        List<X509Certificate> chain =
                CertificateFactory.getInstance("X.509")
                        .generateCertificates(
                                new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)))
                        .stream()
                        .map(X509Certificate.class::cast)
                        .toList();
        if (chain.isEmpty()) {
            throw new CertificateException("none");
        }
        return chain;
    }

    private static boolean belongs(PrivateKey own, PublicKey shown)
            throws GeneralSecurityException {
        String algorithm =
                switch (own.getAlgorithm()) {
                    case "EC" -> "SHA256withECDSA";
                    case "RSA" -> "SHA256withRSA";
                    default -> own.getAlgorithm();
                };
        if (own.getAlgorithm().equals("RSA") != shown.getAlgorithm().equals("RSA")) {
            return false;
        }
        Signature signature = Signature.getInstance(algorithm);
        byte[] probe = {1};
        signature.initSign(own);
        signature.update(probe);
        byte[] signed = signature.sign();
        signature.initVerify(shown);
        signature.update(probe);
        return signature.verify(signed);
    }
}
