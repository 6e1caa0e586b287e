package dev.pillion.central.access;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Set;

/**
 * One secret of a name. Only its digest is kept.
 *
 * @param digest SHA-256 of the secret
 * @param namespaces what it is limited to; empty is all
 */
@SuppressWarnings("ArrayRecordComponent") // Compared by MessageDigest.isEqual alone.
record Token(String name, byte[] digest, Set<String> namespaces) {

    static byte[] digest(String secret) {
        try {
            return MessageDigest.getInstance("SHA-256")
                    .digest(secret.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    boolean hasDigest(byte[] other) {
        return MessageDigest.isEqual(digest, other);
    }

    @Override
    public String toString() {
        return "token " + name;
    }
}
