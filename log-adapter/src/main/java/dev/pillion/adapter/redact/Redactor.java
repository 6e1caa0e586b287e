package dev.pillion.adapter.redact;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/**
 * Masks secrets in place, byte for byte with {@code *}, before anything leaves the process. One
 * pass that stops only at the few bytes a secret's neighbourhood must have ({@code =}, {@code :}
 * and {@code J}). Thread-safe: the counts are atomic, the bytes belong to the caller.
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
    private static final String[] SECRET_KEYS = {
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
        "sessionid"
    };

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
        for (int i = from; i < to; i++) {
            byte c = b[i];
            if (c == '=') {
                masked += assigned(b, from, i, to);
            } else if (c == ':') {
                if (i + 2 < to && b[i + 1] == '/' && b[i + 2] == '/') {
                    masked += url(b, i + 3, to);
                } else {
                    masked += assigned(b, from, i, to);
                }
            } else if (c == 'J' && i >= from + 2 && b[i - 1] == 'y' && b[i - 2] == 'e') {
                masked += jwt(b, from, i - 2, to);
            }
        }
        return masked;
    }

    private int assigned(byte[] b, int from, int at, int to) {
        int keyEnd = at;
        while (keyEnd > from
                && (b[keyEnd - 1] == ' '
                        || b[keyEnd - 1] == '"'
                        || b[keyEnd - 1] == '\''
                        || b[keyEnd - 1] == '\\')) {
            keyEnd--;
        }
        int value = at + 1;
        while (value < to
                && (b[value] == ' '
                        || b[value] == '"'
                        || b[value] == '\''
                        || b[value] == '\\'
                        || b[value] == '[')) {
            value++;
        }
        if (value >= to) {
            return 0;
        }
        if (endsWith(b, from, keyEnd, "authorization")) {
            int word = value;
            while (word < to && letter(b[word])) {
                word++;
            }
            if (word > value && word < to && b[word] == ' ' && word - value <= 12) {
                value = word + 1;
            }
            return mask(b, value, to, Rule.AUTHORIZATION);
        }
        for (String key : SECRET_KEYS) {
            if (endsWith(b, from, keyEnd, key)) {
                // "secret: " in prose is followed by a word, too; a key at the end of a sentence is
                // not.
                if (b[at] == ':'
                        && keyEnd == at
                        && at + 1 < to
                        && b[at + 1] != ' '
                        && b[at + 1] != '"'
                        && !keyStart(b, from, keyEnd - key.length())) {
                    return 0;
                }
                return mask(b, value, to, Rule.PASSWORD);
            }
        }
        return 0;
    }

    private static boolean keyStart(byte[] b, int from, int at) {
        return at <= from || !letter(b[at - 1]);
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

    private static boolean endsWith(byte[] b, int from, int to, String lower) {
        int start = to - lower.length();
        if (start < from) {
            return false;
        }
        for (int i = lower.length() - 1; i >= 0; i--) {
            byte c = b[start + i];
            char wanted = lower.charAt(i);
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
