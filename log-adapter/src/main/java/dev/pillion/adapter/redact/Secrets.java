package dev.pillion.adapter.redact;

import dev.pillion.adapter.frame.Survey;
import dev.pillion.adapter.parse.Attribute;
import dev.pillion.adapter.parse.ParsedRecord;
import dev.pillion.adapter.parse.Slice;
import dev.pillion.adapter.redact.Redactor.Rule;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * The secrets of a stretch of bytes: found for a whole batch at once, masked record by record once
 * each is parsed. Looked at are only the few bytes that a secret's neighbourhood must have ({@code
 * =}, {@code :} and {@code J}; {@link Survey}). No secret goes on in the next line. Reused from
 * batch to batch; owned by one thread.
 */
public final class Secrets {

    private static final byte MASK = '*';

    /** Instead of what has no bytes to mask. */
    private static final byte[] MASKED = ascii("****");

    /** A value that is in no quotes or brackets. */
    private static final byte BARE = 0;

    private static final int LONGEST_SECRET = 8192;
    private static final byte[] NO_KEY = {};
    private static final byte[] AUTHORIZATION = ascii("authorization");
    private static final List<byte[]> KEYS =
            List.of(
                    AUTHORIZATION,
                    ascii("password"),
                    ascii("passwd"),
                    ascii("pwd"),
                    ascii("passphrase"),
                    ascii("secret"),
                    ascii("token"),
                    ascii("apikey"),
                    ascii("api_key"),
                    ascii("api-key"),
                    ascii("access_key"),
                    ascii("private_key"),
                    ascii("credential"),
                    ascii("credentials"),
                    ascii("sessionid"));

    /** The keys by their last letter: {@code a} is the first. */
    private static final byte[][][] KEYS_BY_END = byEnd();

    /** By a key's last letter, a bit for the one before: its lowest five bits say which. */
    private static final int[] BEFORE_END = beforeEnd(1);

    /** By a key's last letter, a bit for the one two before it. */
    private static final int[] SECOND_BEFORE_END = beforeEnd(2);

    private static final int SHORTEST_KEY =
            KEYS.stream().mapToInt(key -> key.length).min().orElseThrow();

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[][][] byEnd() {
        byte[][][] keys = new byte[26][][];
        for (int i = 0; i < keys.length; i++) {
            int letter = 'a' + i;
            keys[i] =
                    KEYS.stream()
                            .filter(key -> key[key.length - 1] == letter)
                            .toArray(byte[][]::new);
        }
        return keys;
    }

    private static int[] beforeEnd(int before) {
        int[] letters = new int[KEYS_BY_END.length];
        for (byte[] key : KEYS) {
            letters[key[key.length - 1] - 'a'] |= 1 << key[key.length - 1 - before];
        }
        return letters;
    }

    private final Redactor redactor;

    private byte[] b = {};
    private int to;

    /** Behind the last secret, or where the bytes begin: a key does not begin before it. */
    private int free;

    /** The last secret found. */
    private int lastFrom;

    private int lastTo;

    /** From and to of each, by turns, in rising order. */
    private int[] bounds = new int[16];

    private int found;
    private int masked;

    /**
     * @param redactor that is told what is found
     */
    public Secrets(Redactor redactor) {
        this.redactor = redactor;
    }

    /** Finds those of {@code [from, to)}; those of other bytes are forgotten. */
    public void find(byte[] bytes, int from, int to) {
        Survey survey = new Survey();
        survey.begin(bytes, from, to);
        find(bytes, from, to, survey);
    }

    /**
     * The same, where it is known already where their signs stand.
     *
     * @param survey of these bytes, at least
     */
    public void find(byte[] bytes, int from, int to, Survey survey) {
        found = 0;
        masked = 0;
        if (!redactor.enabled()) {
            return;
        }
        this.b = bytes;
        this.to = to;
        free = from;
        lastFrom = from;
        lastTo = from;
        for (int at = survey.sign(from); at < to; at = survey.sign(at + 1)) {
            if (at >= lastTo) {
                free = lastTo;
                look(at);
            } else if (at < lastFrom) {
                look(at);
            }
        }
    }

    /** Where the next begins that is not masked yet; as far as can be if there is none. */
    public int next() {
        return masked < found ? bounds[masked] : Integer.MAX_VALUE;
    }

    /** Masks those that begin before {@code until} and are not masked yet. */
    public void mask(int until) {
        while (masked < found && bounds[masked] < until) {
            Arrays.fill(b, bounds[masked], bounds[masked + 1], MASK);
            masked += 2;
        }
    }

    /**
     * Masks what a record tells again in other words than its bytes do: under a secret's key a
     * number, and a text whose escapes were resolved. They were counted where they stand in the
     * bytes.
     */
    public void mask(ParsedRecord record) {
        if (!redactor.enabled()) {
            return;
        }
        for (int i = 0; i < record.attributeCount(); i++) {
            Attribute attribute = record.attribute(i);
            boolean text = attribute.kind() == Attribute.Kind.STRING;
            if ((!text || attribute.text().array() != b) && secret(attribute.key())) {
                attribute.replace(MASKED);
            }
        }
        if (record.scratchLength() > 0) {
            redactor.redact(record.scratch(), 0, record.scratchLength());
        }
    }

    private void look(int at) {
        switch (b[at]) {
            case '=' -> assigned(at);
            case ':' -> {
                if (at + 2 < to && b[at + 1] == '/' && b[at + 2] == '/') {
                    url(at + 3);
                } else {
                    assigned(at);
                }
            }
            default -> {
                if (at >= free + 2 && b[at - 1] == 'y' && b[at - 2] == 'e') {
                    jwt(at - 2);
                }
            }
        }
    }

    private void add(Rule rule, int from, int end) {
        if (found == bounds.length) {
            bounds = Arrays.copyOf(bounds, found * 2);
        }
        bounds[found++] = from;
        bounds[found++] = end;
        lastFrom = from;
        lastTo = end;
        redactor.found(rule);
    }

    private void assigned(int at) {
        int keyEnd = at;
        while (keyEnd > free && quotes(b[keyEnd - 1])) {
            keyEnd--;
        }
        if (keyEnd == free || !letter(b[keyEnd - 1])) {
            return;
        }
        byte[] key = key(b, free, keyEnd);
        if (key.length == 0) {
            return;
        }
        boolean quoted = quote(b[keyEnd]);
        int value = at + 1;
        byte close = BARE;
        while (close == BARE && value < to && (quotes(b[value]) || opens(b[value]))) {
            if (quote(b[value]) && value + 1 < to && b[value + 1] == b[value]) {
                return; // nothing in them
            }
            close = close(value, quoted);
            value += close == '\\' ? 2 : 1;
        }
        if (key == AUTHORIZATION) {
            int word = value;
            while (word < to && letter(b[word])) {
                word++;
            }
            if (word > value && word < to && b[word] == ' ' && word - value <= 12) {
                value = word + 1;
            }
            value(Rule.AUTHORIZATION, value, close);
            return;
        }
        // "secret: " in prose is followed by a word, too; a key at the end of a sentence is not.
        boolean sentence =
                b[at] == ':'
                        && keyEnd == at
                        && at + 1 < to
                        && b[at + 1] != ' '
                        && b[at + 1] != '"'
                        && !keyStart(keyEnd - key.length);
        if (!sentence) {
            value(Rule.PASSWORD, value, close);
        }
    }

    private boolean keyStart(int at) {
        return at <= free || !letter(b[at - 1]);
    }

    private static boolean quotes(byte c) {
        return c == ' ' || quote(c) || c == '\\';
    }

    private static boolean quote(byte c) {
        return c == '"' || c == '\'';
    }

    private static boolean opens(byte c) {
        return c == '[' || c == '{';
    }

    /**
     * What ends the value that begins behind this byte: the same quote, also an escaped one, or the
     * closing bracket. If the key is in no quotes, one before a blank or a comma rather ends there.
     */
    private byte close(int opening, boolean quoted) {
        byte c = b[opening];
        byte next = opening + 1 < to ? b[opening + 1] : (byte) '\n';
        return switch (c) {
            case '[' -> ']';
            case '{' -> '}';
            case '\\' -> next == '"' ? c : BARE;
            case '"', '\'' -> !quoted && ends(next) && next != '\\' ? BARE : c;
            default -> BARE;
        };
    }

    /** The key that ends there, or none. */
    private static byte[] key(byte[] b, int free, int end) {
        if (end - free < SHORTEST_KEY) {
            return NO_KEY;
        }
        int last = (b[end - 1] | 0x20) - 'a';
        if ((BEFORE_END[last] >>> b[end - 2] & SECOND_BEFORE_END[last] >>> b[end - 3] & 1) != 0) {
            for (byte[] key : KEYS_BY_END[last]) {
                if (endsWith(b, free, end, key)) {
                    return key;
                }
            }
        }
        return NO_KEY;
    }

    private static boolean secret(Slice name) {
        int end = name.from() + name.length();
        return name.length() > 0
                && letter(name.array()[end - 1])
                && key(name.array(), name.from(), end).length > 0;
    }

    private void url(int from) {
        int limit = Math.min(to, from + 512);
        int colon = -1;
        for (int i = from; i < limit; i++) {
            byte c = b[i];
            if (c == '@') {
                if (colon >= 0 && colon + 1 < i) {
                    add(Rule.URL_PASSWORD, colon + 1, i);
                }
                return;
            }
            if (c == ':' && colon < 0) {
                colon = i;
            } else if (c == '/' || c == ' ' || c == '"' || c == '\n') {
                return;
            }
        }
    }

    private void jwt(int start) {
        if (start > free && (letter(b[start - 1]) || b[start - 1] == MASK)) {
            return;
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
        if (dots >= 2 && end - start >= 24) {
            add(Rule.JWT, start, end);
        }
    }

    /** What stands behind a key. */
    private void value(Rule rule, int from, byte close) {
        int end = from;
        int limit = Math.min(to, from + LONGEST_SECRET);
        byte open = close == ']' ? (byte) '[' : close == '}' ? (byte) '{' : BARE;
        int depth = 0;
        while (end < limit && b[end] != '\n' && b[end] != '\r') {
            byte c = b[end];
            if (close == BARE ? ends(c) : c == close && depth == 0) {
                break;
            }
            depth += c == close ? -1 : c == open ? 1 : 0;
            boolean escape = c == '\\' && end + 1 < limit && b[end + 1] != '\n';
            end += escape ? 2 : 1;
        }
        while (end < to && (b[end] & 0xC0) == 0x80) {
            end++; // no half character is left
        }
        if (end > from) {
            add(rule, from, end);
        }
    }

    private static boolean ends(byte c) {
        return c == ' ' || c == '"' || c == '\'' || c == '&' || c == ',' || c == ';' || c == '\n'
                || c == '\r' || c == '\t' || c == '}' || c == ')' || c == ']' || c == '\\'
                || c == '<';
    }

    private static boolean endsWith(byte[] b, int free, int end, byte[] lower) {
        int start = end - lower.length;
        if (start < free) {
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
