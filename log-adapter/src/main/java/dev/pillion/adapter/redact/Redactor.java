package dev.pillion.adapter.redact;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/**
 * Masks secrets in place, byte for byte with {@code *}, before anything leaves the process, and
 * counts them. Thread-safe: the counts are atomic, the bytes belong to the caller.
 *
 * @see Secrets how they are found
 * @see dev.pillion.adapter.ship.OtlpEncoder
 */
public final class Redactor {

    /** What is masked. */
    public enum Rule {
        /** The credentials of an Authorization header. */
        AUTHORIZATION,
        /** The value of a key such as password, secret, token, api_key. */
        PASSWORD,
        /** A JSON web token (RFC 7519), wherever it stands. */
        JWT,
        /** The password in {@code scheme://user:password@host}. */
        URL_PASSWORD
    }

    private final boolean enabled;
    private final Map<Rule, LongAdder> counts = new EnumMap<>(Rule.class);

    /**
     * @param enabled false to let everything through as it is
     */
    public Redactor(boolean enabled) {
        this.enabled = enabled;
        for (Rule rule : Rule.values()) {
            counts.put(rule, new LongAdder());
        }
    }

    /** How many secrets a rule has masked since the start. */
    public long count(Rule rule) {
        return counts.get(rule).sum();
    }

    /** Masks the secrets of {@code [from, to)}. */
    public void redact(byte[] b, int from, int to) {
        Secrets secrets = new Secrets(this);
        secrets.find(b, from, to);
        secrets.mask(to);
    }

    boolean enabled() {
        return enabled;
    }

    void found(Rule rule) {
        counts.get(rule).increment();
    }
}
