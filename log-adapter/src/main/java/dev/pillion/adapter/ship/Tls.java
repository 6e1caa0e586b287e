package dev.pillion.adapter.ship;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * The TLS side of an endpoint, made of PEM files (RFC 7468) as Secrets hold them, and made anew
 * when they have changed. One instance a worker, owned by it.
 */
public final class Tls {

    /**
     * The files; each may be absent.
     *
     * @param authorities certificates of those who may vouch for the endpoint; without it those of
     *     the JDK
     * @param certificate shown to the endpoint, with its chain
     * @param key of the certificate: PKCS#8, PKCS#1 or SEC 1, not encrypted
     */
    public record Files(
            Optional<Path> authorities, Optional<Path> certificate, Optional<Path> key) {
        List<Path> all() {
            List<Path> all = new ArrayList<>();
            authorities.ifPresent(all::add);
            certificate.ifPresent(all::add);
            key.ifPresent(all::add);
            return all;
        }
    }

    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([^-]*)-----END \\1-----");

    /** AlgorithmIdentifier rsaEncryption (RFC 8017, appendix A.1). */
    private static final byte[] RSA = {
        0x30,
        0x0D,
        0x06,
        0x09,
        0x2A,
        (byte) 0x86,
        0x48,
        (byte) 0x86,
        (byte) 0xF7,
        0x0D,
        1,
        1,
        1,
        5,
        0
    };

    /** OID id-ecPublicKey (RFC 5480, section 2.1.1). */
    private static final byte[] EC = {0x06, 0x07, 0x2A, (byte) 0x86, 0x48, (byte) 0xCE, 0x3D, 2, 1};

    private static final Logger LOG = Logger.getLogger(Tls.class.getName());

    private final Files files;
    private List<FileTime> made = List.of();
    private SSLContext context;

    Tls(Files files) {
        this.files = files;
    }

    /** What is wrong with the files as they are now, with the fix; empty if nothing is. */
    public static Optional<String> mistake(Files files) {
        if (files.all().isEmpty()) {
            return Optional.empty();
        }
        try {
            load(files);
            return Optional.empty();
        } catch (NoSuchFileException e) {
            return Optional.of(
                    "'" + e.getMessage() + "' is not there; mount it or name another file");
        } catch (IOException | GeneralSecurityException e) {
            return Optional.of(e.getMessage() + "; write PEM files as a Secret holds them");
        }
    }

    /** Whether the files are no longer those that {@link #context} was made of. */
    boolean changed() {
        return !times().equals(made);
    }

    /** When the files were written; of one that is not there, as during a swap, the epoch. */
    private List<FileTime> times() {
        List<FileTime> times = new ArrayList<>();
        for (Path path : files.all()) {
            try {
                times.add(java.nio.file.Files.getLastModifiedTime(path));
            } catch (IOException e) {
                times.add(FileTime.fromMillis(0));
            }
        }
        return times;
    }

    /**
     * What connections are made with: of the files as they are now, or as they were last when they
     * could be used.
     *
     * @throws IOException naming the file, if they could never be used
     */
    SSLContext context() throws IOException {
        List<FileTime> times = times();
        if (context == null || !times.equals(made)) {
            try {
                context = load(files);
            } catch (IOException | GeneralSecurityException e) {
                if (context == null) {
                    throw new IOException("adapter.tls: " + e.getMessage(), e);
                }
                LOG.log(
                        Level.WARNING,
                        "adapter.tls: the changed files cannot be used, the old ones are: {0}",
                        e.getMessage());
            }
            made = times;
        }
        return context;
    }

    /**
     * Reads the files.
     *
     * @throws IOException naming the file that cannot be used
     */
    static SSLContext load(Files files) throws IOException, GeneralSecurityException {
        KeyManagerFactory keys = null;
        if (files.certificate().isPresent() && files.key().isPresent()) {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setKeyEntry(
                    "client",
                    key(files.key().get()),
                    new char[0],
                    certificates(files.certificate().get()).toArray(Certificate[]::new));
            keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(store, new char[0]);
        }
        TrustManagerFactory trust = null;
        if (files.authorities().isPresent()) {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            int number = 0;
            for (Certificate certificate : certificates(files.authorities().get())) {
                store.setCertificateEntry("authority-" + number++, certificate);
            }
            trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(store);
        }
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(
                keys == null ? null : keys.getKeyManagers(),
                trust == null ? null : trust.getTrustManagers(),
                null);
        return context;
    }

    private static List<Certificate> certificates(Path path) throws IOException {
        try {
            byte[] pem = java.nio.file.Files.readAllBytes(path);
            List<Certificate> found =
                    List.copyOf(
                            CertificateFactory.getInstance("X.509")
                                    .generateCertificates(new ByteArrayInputStream(pem)));
            if (!found.isEmpty()) {
                return found;
            }
        } catch (GeneralSecurityException e) {
            throw new IOException(path + ": no PEM certificates: " + e.getMessage(), e);
        }
        throw new IOException(path + ": holds no PEM certificate");
    }

    private static PrivateKey key(Path path) throws IOException, GeneralSecurityException {
        Matcher block =
                BLOCK.matcher(java.nio.file.Files.readString(path, StandardCharsets.ISO_8859_1));
        while (block.find()) {
            byte[] der = Base64.getMimeDecoder().decode(block.group(2));
            switch (block.group(1)) {
                case "PRIVATE KEY" -> {
                    return pkcs8(path, der);
                }
                case "RSA PRIVATE KEY" -> {
                    return pkcs8(path, wrapped(RSA, der));
                }
                case "EC PRIVATE KEY" -> {
                    return pkcs8(path, wrapped(element(0x30, EC, curve(path, der)), der));
                }
                case "ENCRYPTED PRIVATE KEY" ->
                        throw new IOException(
                                path + ": the key is encrypted; give it in the clear");
                default -> {
                    // EC PARAMETERS, a certificate beside it: not the key
                }
            }
        }
        throw new IOException(path + ": holds no PEM private key");
    }

    private static PrivateKey pkcs8(Path path, byte[] der)
            throws IOException, GeneralSecurityException {
        for (String algorithm : List.of("RSA", "EC", "EdDSA")) {
            try {
                return KeyFactory.getInstance(algorithm)
                        .generatePrivate(new PKCS8EncodedKeySpec(der));
            } catch (InvalidKeySpecException e) {
                // of another algorithm
            }
        }
        throw new IOException(path + ": the private key is neither RSA nor EC nor Ed25519");
    }

    /** A PrivateKeyInfo (RFC 5208, section 5) around an older form of a key. */
    private static byte[] wrapped(byte[] algorithm, byte[] key) {
        return element(0x30, new byte[] {2, 1, 0}, algorithm, element(0x04, key));
    }

    /** The OID of the curve in an ECPrivateKey's field [0] (RFC 5915, section 3). */
    private static byte[] curve(Path path, byte[] der) throws IOException {
        for (int i = 0; i + 4 < der.length; i++) {
            if (der[i] == (byte) 0xA0 && der[i + 1] == der[i + 3] + 2 && der[i + 2] == 0x06) {
                return Arrays.copyOfRange(der, i + 2, i + 4 + der[i + 3]);
            }
        }
        throw new IOException(path + ": the EC key does not name its curve; write it as PKCS#8");
    }

    /** A DER element. */
    private static byte[] element(int tag, byte[]... parts) {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            content.writeBytes(part);
        }
        ByteArrayOutputStream element = new ByteArrayOutputStream();
        element.write(tag);
        int length = content.size();
        if (length < 128) {
            element.write(length);
        } else if (length < 256) {
            element.write(0x81);
            element.write(length);
        } else {
            element.write(0x82);
            element.write(length >>> 8);
            element.write(length);
        }
        element.writeBytes(content.toByteArray());
        return element.toByteArray();
    }
}
