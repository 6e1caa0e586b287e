package dev.pillion.ambassador.postgres;

import com.ongres.scram.common.ScramFunctions;
import com.ongres.scram.common.ScramMechanism;
import com.ongres.scram.common.StringPreparation;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * What a password and a server's salt come to, remembered: 4096 rounds of PBKDF2 are most of a
 * login's work, and the same every time. A password is known here only by a fingerprint that nobody
 * can try passwords against without this process' memory. The least recently used of more than
 * {@link #MAX_ENTRIES} goes; a changed password has a new salt and so an entry of its own.
 * Thread-safe: whoever needs the same keys meanwhile waits for them instead of deriving them too.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc5802#section-3">RFC 5802: SaltedPassword</a>
 */
final class ScramKeys {

    /** One a route, host and password in use; that of a server with users of its own for each. */
    static final int MAX_ENTRIES = 256;

    private static final int FINGERPRINT_KEY_BYTES = 32;

    /**
     * Enough to log in, at servers with this salt only.
     *
     * @param client ClientKey; nobody writes to it
     * @param server ServerKey; nobody writes to it
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Keys(byte[] client, byte[] server) {}

    /**
     * @param mechanism its hash; with and without channel binding are the same
     * @param password fingerprint
     * @param salt in Base64, as the server sent it
     */
    private record Known(String mechanism, String password, String salt, int iterations) {}

    private final byte[] fingerprintKey = new byte[FINGERPRINT_KEY_BYTES];

    private final Map<Known, FutureTask<Keys>> known =
            new LinkedHashMap<>(16, 0.75f, true) {
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(Map.Entry<Known, FutureTask<Keys>> eldest) {
                    return size() > MAX_ENTRIES;
                }
            };

    ScramKeys() {
        new SecureRandom().nextBytes(fingerprintKey);
    }

    /**
     * @param salt in Base64
     * @param iterations checked by the caller: they are this thread's time
     * @throws IllegalArgumentException if salt or password cannot be used
     */
    Keys of(ScramMechanism mechanism, String password, String salt, int iterations) {
        Known wanted =
                new Known(
                        mechanism.getName().replace("-PLUS", ""),
                        fingerprint(mechanism, password),
                        salt,
                        iterations);
        FutureTask<Keys> mine =
                new FutureTask<>(() -> derive(mechanism, password, salt, iterations));
        FutureTask<Keys> keys;
        synchronized (known) {
            keys = known.putIfAbsent(wanted, mine);
        }
        if (keys == null) {
            keys = mine;
            mine.run();
        }
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return keys.get();
                } catch (InterruptedException later) {
                    interrupted = true;
                }
            }
        } catch (ExecutionException failed) {
            synchronized (known) {
                known.remove(wanted, keys);
            }
            throw new IllegalArgumentException(failed.getCause());
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    int size() {
        synchronized (known) {
            return known.size();
        }
    }

    private String fingerprint(ScramMechanism mechanism, String password) {
        return Base64.getEncoder()
                .encodeToString(
                        ScramFunctions.hmac(
                                mechanism,
                                fingerprintKey,
                                password.getBytes(StandardCharsets.UTF_8)));
    }

    private static Keys derive(
            ScramMechanism mechanism, String password, String salt, int iterations) {
        byte[] salted =
                ScramFunctions.saltedPassword(
                        mechanism,
                        StringPreparation.POSTGRESQL_PREPARATION,
                        password.toCharArray(),
                        Base64.getDecoder().decode(salt),
                        iterations);
        return new Keys(
                ScramFunctions.clientKey(mechanism, salted),
                ScramFunctions.serverKey(mechanism, salted));
    }
}
