package dev.pillion.central.query;

/** The characters of a query and how far they are read. Used by one thread. */
final class QueryText {

    private final String text;
    private int at;

    QueryText(String text) {
        this.text = text;
    }

    boolean done() {
        return at >= text.length();
    }

    /** The next character; only if there is one. */
    char peek() {
        return text.charAt(at);
    }

    boolean isNext(char c) {
        return !done() && peek() == c;
    }

    char take() {
        return text.charAt(at++);
    }

    /** Where the next character stands: a column, from 1. */
    int column() {
        return at + 1;
    }

    QuerySyntax wrong(String message) {
        return new QuerySyntax(message, column());
    }

    void white() {
        while (!done() && Character.isWhitespace(peek())) {
            at++;
        }
    }

    /** Whether this word comes next, and ends there. */
    boolean isWord(String word) {
        return text.startsWith(word, at)
                && (at + word.length() == text.length()
                        || Character.isWhitespace(text.charAt(at + word.length()))
                        || text.charAt(at + word.length()) == '(');
    }

    boolean isSymbol(String symbol) {
        return text.startsWith(symbol, at);
    }

    /** Reads white space, and this word if it comes next. */
    boolean word(String word) {
        white();
        boolean there = isWord(word);
        at += there ? word.length() : 0;
        return there;
    }

    /** Reads white space, and these characters if they come next. */
    boolean symbol(String symbol) {
        white();
        boolean there = isSymbol(symbol);
        at += there ? symbol.length() : 0;
        return there;
    }

    /** Reads one of these characters if it comes next with something behind it. */
    boolean prefix(String characters) {
        boolean there =
                at + 1 < text.length()
                        && characters.indexOf(peek()) >= 0
                        && !Character.isWhitespace(text.charAt(at + 1));
        at += there ? 1 : 0;
        return there;
    }

    /** Reads {@code name:} if that is what comes; the name may be quoted. */
    String fieldName() {
        int start = at;
        StringBuilder name = new StringBuilder();
        if (peek() == '"') {
            name.append(quoted());
        } else {
            while (!done() && isNamePart(peek())) {
                if (peek() == '\\' && at + 1 < text.length()) {
                    at++;
                }
                name.append(peek());
                at++;
            }
        }
        if (name.length() > 0 && !done() && peek() == ':') {
            at++;
            return name.toString();
        }
        at = start;
        return "";
    }

    private static boolean isNamePart(char c) {
        return Character.isLetterOrDigit(c)
                || c == '_'
                || c == '.'
                || c == '-'
                || c == '@'
                || c == '\\';
    }

    /** Reads a text in quotes, which is what comes. */
    String quoted() {
        int open = at;
        at++;
        StringBuilder value = new StringBuilder();
        while (true) {
            if (done()) {
                throw new QuerySyntax("this '\"' is not closed", open + 1);
            }
            char c = take();
            if (c == '"') {
                return value.toString();
            }
            if (c == '\\' && !done()) {
                c = take();
                if (c == 'n') {
                    c = '\n';
                } else if (c == 't') {
                    c = '\t';
                }
            }
            value.append(c);
        }
    }

    /** Reads the characters up to white space or a parenthesis, escapes still in it. */
    String term() {
        int start = at;
        while (!done()) {
            char c = peek();
            if (c == '\\' && at + 1 < text.length()) {
                at += 2;
                continue;
            }
            if (Character.isWhitespace(c) || c == '(' || c == ')' || c == '"') {
                break;
            }
            at++;
        }
        return text.substring(start, at);
    }

    /** Reads an end of a range: a text in quotes or a word; empty for {@code *}. */
    String bound() {
        if (done()) {
            throw wrong("a value is expected");
        }
        if (peek() == '"') {
            return quoted();
        }
        int start = at;
        while (!done() && !Character.isWhitespace(peek()) && peek() != ']' && peek() != '}') {
            at++;
        }
        String bound = text.substring(start, at);
        if (bound.isEmpty()) {
            throw wrong("a value is expected");
        }
        return bound.equals("*") ? "" : bound;
    }

    /** Reads up to the slash that ends a regular expression; what it escapes stays escaped. */
    String upToSlash() {
        int open = at;
        at++;
        StringBuilder source = new StringBuilder();
        while (true) {
            if (done()) {
                throw new QuerySyntax("this '/' is not closed", open + 1);
            }
            char c = take();
            if (c == '/') {
                return source.toString();
            }
            if (c == '\\' && isNext('/')) {
                c = take();
            } else if (c == '\\' && !done()) {
                source.append(c);
                c = take();
            }
            source.append(c);
        }
    }
}
