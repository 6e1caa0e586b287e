package dev.pillion.ambassador.routes;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A private key as PEM text: PKCS #8, and the two older forms that cert-manager writes by default,
 * PKCS #1 (RSA) and SEC 1 (EC), which Java only takes inside of PKCS #8.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc5958">RFC 5958 (PKCS #8)</a>
 */
final class PrivateKeyText {

    private static final Pattern PEM =
            Pattern.compile(
                    "-----BEGIN (|RSA |EC )PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END \\1PRIVATE"
                            + " KEY-----");
    private static final List<String> ALGORITHMS = List.of("EC", "RSA", "EdDSA");

    private static final int SEQUENCE = 0x30;
    private static final int OCTET_STRING = 0x04;
    private static final byte[] VERSION_0 = {0x02, 0x01, 0x00};

    /** rsaEncryption 1.2.840.113549.1.1.1 and NULL: RFC 8017 appendix A.1. */
    private static final byte[] RSA = HexFormat.of().parseHex("06092a864886f70d0101010500");

    /** id-ecPublicKey 1.2.840.10045.2.1, which the curve follows: RFC 5480. */
    private static final byte[] EC = HexFormat.of().parseHex("06072a8648ce3d0201");

    /** Where SEC 1 keeps the curve: RFC 5915. */
    private static final int CURVE = 0xa0;

    private PrivateKeyText() {}

    /**
     * @throws GeneralSecurityException if the text holds no private key, or an encrypted one
     */
    static PrivateKey read(String pem) throws GeneralSecurityException {
        Matcher found = PEM.matcher(pem);
        if (!found.find()) {
            throw new InvalidKeySpecException("no private key in PEM");
        }
        byte[] der;
        try {
            der = Base64.getMimeDecoder().decode(found.group(2));
            der =
                    switch (found.group(1)) {
                        case "RSA " -> wrapped(RSA, der);
                        case "EC " -> wrapped(concat(EC, curve(ByteBuffer.wrap(der))), der);
                        default -> der;
                    };
        } catch (RuntimeException broken) {
            throw new InvalidKeySpecException("broken private key", broken);
        }
        for (String algorithm : ALGORITHMS) {
            try {
                return KeyFactory.getInstance(algorithm)
                        .generatePrivate(new PKCS8EncodedKeySpec(der));
            } catch (InvalidKeySpecException another) {
                // of another algorithm
            }
        }
        throw new InvalidKeySpecException("no key of " + ALGORITHMS);
    }

    private static byte[] wrapped(byte[] algorithm, byte[] key) {
        return element(
                SEQUENCE,
                concat(VERSION_0, element(SEQUENCE, algorithm), element(OCTET_STRING, key)));
    }

    /** The object identifier, with its tag, in an ECPrivateKey. */
    private static byte[] curve(ByteBuffer in) {
        in.get();
        length(in);
        while (true) {
            int tag = in.get() & 0xff;
            byte[] content = new byte[length(in)];
            in.get(content);
            if (tag == CURVE) {
                return content;
            }
        }
    }

    private static int length(ByteBuffer in) {
        int first = in.get() & 0xff;
        if (first < 0x80) {
            return first;
        }
        int length = 0;
        for (int i = 0; i < first - 0x80; i++) {
            length = (length << 8) | (in.get() & 0xff);
        }
        // No element is longer than what it stands in: nothing is allocated on its word.
        if (length < 0 || length > in.remaining()) {
            throw new IllegalArgumentException("length");
        }
        return length;
    }

    private static byte[] element(int tag, byte[] content) {
        if (content.length < 0x80) {
            return concat(new byte[] {(byte) tag, (byte) content.length}, content);
        }
        byte[] length = BigInteger.valueOf(content.length).toByteArray();
        int skip = length[0] == 0 ? 1 : 0;
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(tag);
        out.write(0x80 + length.length - skip);
        out.write(length, skip, length.length - skip);
        out.writeBytes(content);
        return out.toByteArray();
    }

    private static byte[] concat(byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }
}
