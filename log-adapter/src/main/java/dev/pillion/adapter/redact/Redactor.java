package dev.pillion.adapter.redact;

import dev.pillion.adapter.frame.Scan;

import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/**
 * Masks secrets in place, byte for byte with {@code *}, before anything leaves the process. One
 * pass, eight bytes at a time, that stops only at the few bytes a secret's neighbourhood must have
 * ({@code =}, {@code :} and {@code J}). Thread-safe: the counts are atomic, the bytes belong to the
 * caller.
 *
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

    private static final byte MASK = '*';
    private static final int LONGEST_SECRET = 8192;
    private static final byte[] AUTHORIZATION_KEY = ascii("authorization");
    private static final List<String> SECRET_KEYS =
            List.of(
                    "password",
                    "passwd",
                    "pwd",
                    "passphrase",
                    "secret",
                    "token",
                    "apikey",
                    "api_key",
                    "api-key",
                    "access_key",
                    "private_key",
                    "credential",
                    "credentials",
                    "sessionid");

    /** The secret keys by their last letter: {@code a} is the first. */
    private static final byte[][][] KEYS_BY_END = byEnd();

    private static final long EQUALS = Scan.eight('=');
    private static final long COLONS = Scan.eight(':');
    private static final long JAYS = Scan.eight('J');

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[][][] byEnd() {
        byte[][][] keys = new byte[26][][];
        for (int i = 0; i < keys.length; i++) {
            String letter = String.valueOf((char) ('a' + i));
            keys[i] =
                    SECRET_KEYS.stream()
                            .filter(key -> key.endsWith(letter))
                            .map(Redactor::ascii)
                            .toArray(byte[][]::new);
        }
        return keys;
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

    /** Masks the secrets of {@code [from, to)}; returns how many there were. */
    public int redact(byte[] b, int from, int to) {
        if (!enabled) {
            return 0;
        }
        int masked = 0;
        int at = from;
        for (; at + 8 <= to; at += 8) {
            long found = Scan.any(b, at, EQUALS, COLONS, JAYS);
            while (found != 0) {
                masked += look(b, from, at + (Long.numberOfTrailingZeros(found) >>> 3), to);
                found &= found - 1;
            }
        }
        for (; at < to; at++) {
            masked += look(b, from, at, to);
        }
        return masked;
    }

    private int look(byte[] b, int from, int at, int to) {
        switch (b[at]) {
            case '=' -> {
                return assigned(b, from, at, to);
            }
            case ':' -> {
                return at + 2 < to && b[at + 1] == '/' && b[at + 2] == '/'
                        ? url(b, at + 3, to)
                        : assigned(b, from, at, to);
            }
            case 'J' -> {
                return at >= from + 2 && b[at - 1] == 'y' && b[at - 2] == 'e'
                        ? jwt(b, from, at - 2, to)
                        : 0;
            }
            default -> {
                return 0;
            }
        }
    }

    private int assigned(byte[] b, int from, int at, int to) {
        int keyEnd = at;
        while (keyEnd > from && quotes(b[keyEnd - 1])) {
            keyEnd--;
        }
        if (keyEnd == from || !letter(b[keyEnd - 1])) {
            return 0;
        }
        boolean authorization = endsWith(b, from, keyEnd, AUTHORIZATION_KEY);
        int key = authorization ? AUTHORIZATION_KEY.length : secretKey(b, from, keyEnd);
        if (key == 0) {
            return 0;
        }
        int value = at + 1;
        while (value < to && (quotes(b[value]) || b[value] == '[')) {
            value++;
        }
        if (value >= to) {
            return 0;
        }
        if (authorization) {
            int word = value;
            while (word < to && letter(b[word])) {
                word++;
            }
            if (word > value && word < to && b[word] == ' ' && word - value <= 12) {
                value = word + 1;
            }
            return mask(b, value, to, Rule.AUTHORIZATION);
        }
        // "secret: " in prose is followed by a word, too; a key at the end of a sentence is not.
        if (b[at] == ':'
                && keyEnd == at
                && at + 1 < to
                && b[at + 1] != ' '
                && b[at + 1] != '"'
                && !keyStart(b, from, keyEnd - key)) {
            return 0;
        }
        return mask(b, value, to, Rule.PASSWORD);
    }

    private static boolean keyStart(byte[] b, int from, int at) {
        return at <= from || !letter(b[at - 1]);
    }

    private static boolean quotes(byte c) {
        return c == ' ' || c == '"' || c == '\'' || c == '\\';
    }

    /** The length of the secret key that ends there, or 0. */
    private static int secretKey(byte[] b, int from, int to) {
        for (byte[] key : KEYS_BY_END[(b[to - 1] | 0x20) - 'a']) {
            if (endsWith(b, from, to, key)) {
                return key.length;
            }
        }
        return 0;
    }

    private int url(byte[] b, int from, int to) {
        int limit = Math.min(to, from + 512);
        int colon = -1;
        for (int i = from; i < limit; i++) {
            byte c = b[i];
            if (c == '@') {
                if (colon < 0 || colon + 1 == i) {
                    return 0;
                }
                for (int j = colon + 1; j < i; j++) {
                    b[j] = MASK;
                }
                counts.get(Rule.URL_PASSWORD).increment();
                return 1;
            }
            if (c == ':' && colon < 0) {
                colon = i;
            } else if (c == '/' || c == ' ' || c == '"' || c == '\n') {
                return 0;
            }
        }
        return 0;
    }

    private int jwt(byte[] b, int from, int start, int to) {
        if (start > from && (letter(b[start - 1]) || b[start - 1] == '*')) {
            return 0;
        }
        int dots = 0;
        int end = start;
        while (end < to && end - start < LONGEST_SECRET) {
            byte c = b[end];
            if (c == '.') {
                dots++;
            } else if (!letter(c) && !(c >= '0' && c <= '9') && c != '-' && c != '_') {
                break;
            }
            end++;
        }
        if (dots < 2 || end - start < 24) {
            return 0;
        }
        for (int i = start; i < end; i++) {
            b[i] = MASK;
        }
        counts.get(Rule.JWT).increment();
        return 1;
    }

    private int mask(byte[] b, int from, int to, Rule rule) {
        int end = from;
        int limit = Math.min(to, from + LONGEST_SECRET);
        while (end < limit && !ends(b[end])) {
            b[end++] = MASK;
        }
        if (end == from) {
            return 0;
        }
        counts.get(rule).increment();
        return 1;
    }

    private static boolean ends(byte c) {
        return c == ' ' || c == '"' || c == '\'' || c == '&' || c == ',' || c == ';' || c == '\n'
                || c == '\r' || c == '\t' || c == '}' || c == ')' || c == ']' || c == '\\'
                || c == '<';
    }

    private static boolean endsWith(byte[] b, int from, int to, byte[] lower) {
        int start = to - lower.length;
        if (start < from) {
            return false;
        }
        for (int i = lower.length - 1; i >= 0; i--) {
            byte c = b[start + i];
            byte wanted = lower[i];
            if (c != wanted && (c >= 'A' && c <= 'Z' ? c + 32 : c) != wanted) {
                return false;
            }
        }
        return true;
    }

    private static boolean letter(byte c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    }
}
