package dev.pillion.central.regex;

import dev.pillion.central.regex.Node.Chars;
import dev.pillion.central.regex.Node.Choice;
import dev.pillion.central.regex.Node.Repeat;
import dev.pillion.central.regex.Node.Sequence;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Reads what java.util.regex has compiled already, so it is well formed. What a class of characters
 * has of ASCII java.util.regex itself is asked.
 */
final class Reader {

    /** With these, characters do not stand for themselves. */
    private static final int OTHER_RULES = Pattern.COMMENTS | Pattern.LITERAL | Pattern.CANON_EQ;

    private static final int DEPTH = 100;

    /**
     * ASCII letters that by Unicode's rules are the other case of a character beyond: K is the
     * Kelvin sign's, s the long s's, i those of the dotted capital and the dotless small i.
     */
    private static final String CASE_BEYOND = "ikIKsS";

    private final String regex;
    private int flags;
    private boolean exact = true;
    private int at;
    private int depth;

    /** The expression is beyond this reading of it. */
    private static final class NotRead extends Exception {
        private static final long serialVersionUID = 1;

        NotRead() {
            super(null, null, false, false);
        }
    }

    /**
     * @param exact whether of ASCII texts it matches those alone that the pattern finds; else it
     *     may match more
     */
    record Tree(Node node, boolean exact) {}

    private Reader(Pattern pattern) {
        regex = withoutQuotes(pattern.pattern());
        // A modifier outside a group is told here as well; see group().
        flags = pattern.flags();
    }

    /** The expression's tree, or nothing if it is beyond this. */
    static Optional<Tree> read(Pattern pattern) {
        if ((pattern.flags() & OTHER_RULES) != 0) {
            return Optional.empty();
        }
        Reader reader = new Reader(pattern);
        try {
            Node node = reader.choice();
            return reader.done() ? Optional.of(new Tree(node, reader.exact)) : Optional.empty();
        } catch (NotRead | StringIndexOutOfBoundsException | PatternSyntaxException e) {
            return Optional.empty();
        }
    }

    /** With each character between \Q and \E escaped, as java.util.regex does it. */
    private static String withoutQuotes(String regex) {
        StringBuilder out = new StringBuilder();
        boolean quoted = false;
        for (int i = 0; i < regex.length(); i++) {
            char c = regex.charAt(i);
            boolean escaped = c == '\\' && i + 1 < regex.length();
            if (escaped && regex.charAt(i + 1) == (quoted ? 'E' : 'Q')) {
                quoted = !quoted;
                i++;
            } else if (escaped && !quoted) {
                out.append(c).append(regex.charAt(++i));
            } else if (quoted && c >= '0' && c <= '9') {
                // Else it might go on with an escape that stands before the quote.
                out.append("\\x3").append(c);
            } else {
                boolean plain = !quoted || c >= 0x80 || Character.isLetter(c);
                out.append(plain ? "" : "\\").append(c);
            }
        }
        return out.toString();
    }

    private boolean done() {
        return at == regex.length();
    }

    private char peek() {
        return done() ? '\0' : regex.charAt(at);
    }

    private boolean skip(String text) {
        boolean there = regex.startsWith(text, at);
        at += there ? text.length() : 0;
        return there;
    }

    private Node choice() throws NotRead {
        if (++depth > DEPTH) {
            throw new NotRead();
        }
        List<Node> parts = new ArrayList<>();
        do {
            parts.add(sequence());
        } while (skip("|"));
        depth--;
        return parts.size() == 1 ? parts.getFirst() : new Choice(parts);
    }

    private Node sequence() throws NotRead {
        List<Node> parts = new ArrayList<>();
        while (!done() && peek() != '|' && peek() != ')') {
            switch (repeated(atom())) {
                case Sequence(List<Node> inner) -> parts.addAll(inner);
                case Node part -> parts.add(part);
            }
        }
        return parts.size() == 1 ? parts.getFirst() : new Sequence(parts);
    }

    private Node atom() throws NotRead {
        char c = peek();
        return switch (c) {
            case '(' -> group();
            case '[' -> characterClass();
            case '\\' -> escape();
            case '.' -> {
                at++;
                yield asked(".", true);
            }
            case '^', '$' -> {
                at++;
                yield undecided(Node.EMPTY);
            }
            case '*', '+', '?', '{' -> throw new NotRead();
            default -> {
                int character = regex.codePointAt(at);
                at += Character.charCount(character);
                yield character(character);
            }
        };
    }

    private Node undecided(Node wider) {
        exact = false;
        return wider;
    }

    private Node repeated(Node part) throws NotRead {
        int min = 0;
        int max = -1;
        switch (peek()) {
            case '*' -> at++;
            case '+' -> {
                at++;
                min = 1;
            }
            case '?' -> {
                at++;
                max = 1;
            }
            case '{' -> {
                at++;
                min = number();
                max = min;
                if (skip(",")) {
                    max = peek() == '}' ? -1 : number();
                }
                if (!skip("}")) {
                    throw new NotRead();
                }
            }
            default -> {
                return part;
            }
        }
        if (!skip("?") && skip("+")) {
            // It gives nothing back, so it matches less than this.
            exact = false;
        }
        return new Repeat(part, min, max);
    }

    private int number() throws NotRead {
        int from = at;
        while (Character.isDigit(peek())) {
            at++;
        }
        if (at == from || at - from > 6) {
            throw new NotRead();
        }
        return Integer.parseInt(regex, from, at, 10);
    }

    private Node character(int character) {
        boolean anyCase = (flags & Pattern.CASE_INSENSITIVE) != 0;
        boolean unicode = (flags & Pattern.UNICODE_CASE) != 0;
        if (character >= 0x80) {
            return anyCase && unicode
                    ? asked("\\x{" + Integer.toHexString(character) + "}", true)
                    : Chars.BEYOND;
        }
        Chars chars = Chars.of(character);
        if (!anyCase || !Character.isLetter(character)) {
            return chars;
        }
        boolean beyond = unicode && CASE_BEYOND.indexOf(character) >= 0;
        Chars both = chars.or(Chars.of(character ^ 0x20));
        return new Chars(both.low(), both.high(), beyond);
    }

    /** Which of ASCII's characters a text of the expression matches. */
    private Chars asked(String one, boolean beyond) {
        Pattern pattern = Pattern.compile(one, flags);
        Chars chars = new Chars(0, 0, beyond);
        for (int c = 0; c < 128; c++) {
            if (pattern.matcher(String.valueOf((char) c)).matches()) {
                chars = chars.or(Chars.of(c));
            }
        }
        return chars;
    }

    private Node escape() throws NotRead {
        int from = at++;
        char c = regex.charAt(at++);
        switch (c) {
            case 'd', 's', 'w' -> {
                return asked(regex.substring(from, at), unicodeRules());
            }
            case 'D', 'S', 'W', 'h', 'H', 'v', 'V' -> {
                return asked(regex.substring(from, at), true);
            }
            case 'p', 'P' -> {
                at = peek() == '{' ? after('}') : at + 1;
                return asked(regex.substring(from, at), true);
            }
            case 't', 'n', 'r', 'f', 'a', 'e' -> {
                return asked(regex.substring(from, at), false);
            }
            case 'x' -> {
                at = peek() == '{' ? after('}') : at + 2;
                return asked(regex.substring(from, at), true);
            }
            case 'u' -> {
                at += 4;
                return asked(regex.substring(from, at), true);
            }
            case 'A', 'B', 'b', 'G', 'Z', 'z' -> {
                if (peek() == '{') {
                    throw new NotRead();
                }
                return undecided(Node.EMPTY);
            }
            case 'R' -> {
                return undecided(new Repeat(asked("[\\n\\x0B\\f\\r]", true), 1, 2));
            }
            default -> {
                if (c >= '1' && c <= '9') {
                    while (Character.isDigit(peek())) {
                        at++;
                    }
                    return undecided(new Repeat(Chars.ANY, 0, -1));
                }
                if (Character.isLetterOrDigit(c) || c >= 0x80) {
                    throw new NotRead();
                }
                return character(c);
            }
        }
    }

    private boolean unicodeRules() {
        return (flags & (Pattern.UNICODE_CHARACTER_CLASS | Pattern.UNICODE_CASE)) != 0;
    }

    private int after(char end) throws NotRead {
        int found = regex.indexOf(end, at);
        if (found < 0) {
            throw new NotRead();
        }
        return found + 1;
    }

    private Node characterClass() throws NotRead {
        int from = at++;
        int open = 1;
        // Of characters that are named one by one or from one to another: those of ASCII alone.
        boolean plain = !unicodeRules();
        boolean first = true;
        while (open > 0) {
            char c = regex.charAt(at++);
            switch (c) {
                case '[' -> open++;
                case ']' -> {
                    if (first) {
                        throw new NotRead();
                    }
                    open--;
                }
                case '\\' -> {
                    char escaped = regex.charAt(at++);
                    plain &= escaped < 0x80 && (!Character.isLetter(escaped) || isPlain(escaped));
                }
                default -> {}
            }
            plain &= c < 0x80 && c != '^' && c != '[';
            first = c == '[' || (first && c == '^');
        }
        return asked(regex.substring(from, at), !plain);
    }

    private static boolean isPlain(char escaped) {
        return switch (escaped) {
            case 'd', 's', 'w', 't', 'n', 'r', 'f' -> true;
            default -> false;
        };
    }

    private Node group() throws NotRead {
        int from = at++;
        int before = flags;
        boolean around = false;
        if (skip("?")) {
            if (skip("<=") || skip("<!") || skip("=") || skip("!")) {
                around = true;
            } else if (skip("<")) {
                at = after('>');
            } else if (skip(">")) {
                // It gives nothing back, so it matches less than this.
                exact = false;
            } else if (!skip(":")) {
                modifiers();
                if (skip(")")) {
                    // Where it stands at the start, the pattern's flags are those behind it;
                    // further
                    // on they would be wrong for what stands before.
                    if (depth == 1 && from > 0) {
                        throw new NotRead();
                    }
                    return Node.EMPTY;
                }
                if (!skip(":")) {
                    throw new NotRead();
                }
            }
        }
        Node inner = choice();
        if (!skip(")")) {
            throw new NotRead();
        }
        flags = before;
        return around ? undecided(Node.EMPTY) : inner;
    }

    private void modifiers() throws NotRead {
        boolean on = true;
        while (peek() != ')' && peek() != ':') {
            int flag =
                    switch (regex.charAt(at++)) {
                        case '-' -> 0;
                        case 'i' -> Pattern.CASE_INSENSITIVE;
                        case 'm' -> Pattern.MULTILINE;
                        case 's' -> Pattern.DOTALL;
                        case 'd' -> Pattern.UNIX_LINES;
                        case 'u' -> Pattern.UNICODE_CASE;
                        default -> throw new NotRead();
                    };
            on &= flag != 0;
            flags = on ? flags | flag : flags & ~flag;
        }
    }
}
