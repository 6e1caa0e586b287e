package dev.pillion.ambassador.postgres;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * The password hash of PostgreSQL before 10, for servers that know nothing better. Whoever sees the
 * exchange can try passwords by the billion, hence {@code allow-md5}. Pure.
 */
final class Md5 {

    private static final int SALT_BYTES = 4;

    private Md5() {}

    /**
     * @param salt what the server sent, 4 bytes
     * @return "md5" and the hash of the hash, in lower case hexadecimal digits
     */
    static String answer(String user, String password, ByteBuffer salt) throws IOException {
        if (salt.remaining() != SALT_BYTES) {
            throw new IOException("a salt of " + salt.remaining() + " bytes");
        }
        String stored = hash((password + user).getBytes(StandardCharsets.UTF_8), new byte[0]);
        byte[] bytes = new byte[SALT_BYTES];
        salt.get(bytes);
        return "md5" + hash(stored.getBytes(StandardCharsets.US_ASCII), bytes);
    }

    private static String hash(byte[] text, byte[] more) {
        try {
            MessageDigest md5 = MessageDigest.getInstance("MD5");
            md5.update(text);
            return HexFormat.of().formatHex(md5.digest(more));
        } catch (NoSuchAlgorithmException never) {
            throw new IllegalStateException("every JDK has MD5", never);
        }
    }
}
