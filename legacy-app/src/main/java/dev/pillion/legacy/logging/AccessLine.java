package dev.pillion.legacy.logging;

import java.nio.charset.StandardCharsets;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;

/**
 * One line of Apache's combined log format: {@code %h %l %u %t "%r" %>s %b "%{Referer}i"
 * "%{User-agent}i"}.
 *
 * @param client {@code %h}, the client's address
 * @param received {@code %t}, when the request came
 * @param requestLine {@code %r}
 * @param status {@code %>s}
 * @param bodyBytes {@code %b}, without the headers; {@code -} for none
 * @param referer absent: {@code -}
 * @param userAgent absent: {@code -}
 * @see <a href="https://httpd.apache.org/docs/2.4/logs.html#combined">Combined Log Format</a>
 */
record AccessLine(
        String client,
        ZonedDateTime received,
        String requestLine,
        int status,
        long bodyBytes,
        Optional<String> referer,
        Optional<String> userAgent) {

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("dd/MMM/yyyy:HH:mm:ss Z", Locale.US);

    String text() {
        return client
                + " - - ["
                + TIME.format(received)
                + "] \""
                + escaped(requestLine)
                + "\" "
                + status
                + " "
                + (bodyBytes == 0 ? "-" : Long.toString(bodyBytes))
                + " \""
                + referer.map(AccessLine::escaped).orElse("-")
                + "\" \""
                + userAgent.map(AccessLine::escaped).orElse("-")
                + "\"";
    }

    /**
     * Escapes as mod_log_config does: quotes and backslashes get a backslash, white space of C its
     * letter, everything else that is not printable ASCII becomes {@code \xhh}.
     */
    static String escaped(String value) {
        StringBuilder escaped = new StringBuilder(value.length() + 8);
        for (byte b : value.getBytes(StandardCharsets.UTF_8)) {
            switch (b) {
                case '"' -> escaped.append("\\\"");
                case '\\' -> escaped.append("\\\\");
                case '\b' -> escaped.append("\\b");
                case '\n' -> escaped.append("\\n");
                case '\r' -> escaped.append("\\r");
                case '\t' -> escaped.append("\\t");
                case 0x0b -> escaped.append("\\v");
                default -> {
                    if (b >= 0x20 && b < 0x7f) {
                        escaped.append((char) b);
                    } else {
                        escaped.append(String.format(Locale.ROOT, "\\x%02x", b));
                    }
                }
            }
        }
        return escaped.toString();
    }
}
