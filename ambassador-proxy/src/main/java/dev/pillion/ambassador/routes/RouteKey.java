package dev.pillion.ambassador.routes;

import static dev.pillion.ambassador.routes.Route.Protocol.HTTP;
import static dev.pillion.ambassador.routes.Route.Protocol.POSTGRES;
import static dev.pillion.ambassador.routes.Route.Protocol.TCP;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Every key that may stand after {@code route.<name>.}, with its default; README's table. */
public enum RouteKey {
    PROTOCOL("protocol", "required", false, EnumSet.of(POSTGRES, HTTP, TCP)),
    LISTEN("listen", "required", false, EnumSet.of(POSTGRES, HTTP, TCP)),
    UPSTREAM("upstream", "required", false, EnumSet.of(POSTGRES, HTTP, TCP)),
    DATABASE("database", "the application's", false, EnumSet.of(POSTGRES)),
    USER("user", "required", false, EnumSet.of(POSTGRES)),
    PASSWORD("password", "required", true, EnumSet.of(POSTGRES)),
    PASSWORD_PREVIOUS("password.previous", "none", true, EnumSet.of(POSTGRES)),
    TLS("tls", "verify-full", false, EnumSet.of(POSTGRES, HTTP, TCP)),
    TLS_CA("tls.ca", "the JDK's authorities", false, EnumSet.of(POSTGRES, HTTP, TCP)),
    TLS_CERTIFICATE("tls.certificate", "none", false, EnumSet.of(POSTGRES, HTTP, TCP)),
    TLS_KEY("tls.key", "none", true, EnumSet.of(POSTGRES, HTTP, TCP)),
    TLS_NEGOTIATION("tls.negotiation", "postgres", false, EnumSet.of(POSTGRES)),
    CHANNEL_BINDING("channel-binding", "prefer", false, EnumSet.of(POSTGRES)),
    ALLOW_MD5("allow-md5", "false", false, EnumSet.of(POSTGRES)),
    LISTEN_TLS_CERTIFICATE("listen.tls.certificate", "none", false, EnumSet.of(POSTGRES)),
    LISTEN_TLS_KEY("listen.tls.key", "none", true, EnumSet.of(POSTGRES)),
    APP_LOGIN("app-login", "any", false, EnumSet.of(POSTGRES)),
    APP_LOGIN_USER("app-login.user", "none", false, EnumSet.of(POSTGRES)),
    APP_LOGIN_PASSWORD("app-login.password", "none", true, EnumSet.of(POSTGRES)),
    TARGET("target", "any", false, EnumSet.of(POSTGRES)),
    MAX_SESSIONS("max-sessions", "200", false, EnumSet.of(POSTGRES, HTTP, TCP)),
    CONNECT_TIMEOUT("connect-timeout", "5s", false, EnumSet.of(POSTGRES, HTTP, TCP)),
    LOGIN_BYTES("login-bytes", "262144", false, EnumSet.of(POSTGRES)),
    STARTUP_TIMEOUT("startup-timeout", "60s", false, EnumSet.of(POSTGRES)),
    LOGIN_DEADLINE("login-deadline", "15s", false, EnumSet.of(POSTGRES)),
    CIRCUIT_PAUSE("circuit-pause", "5s", false, EnumSet.of(POSTGRES)),
    CANCEL_ABANDONED("cancel-abandoned", "true", false, EnumSet.of(POSTGRES)),
    HALF_CLOSE_TIMEOUT("half-close-timeout", "60s", false, EnumSet.of(POSTGRES, TCP)),
    KEEP_ALIVE_IDLE("keep-alive-idle", "60s", false, EnumSet.of(POSTGRES, TCP)),
    KEEP_ALIVE_INTERVAL("keep-alive-interval", "10s", false, EnumSet.of(POSTGRES, TCP)),
    KEEP_ALIVE_COUNT("keep-alive-count", "3", false, EnumSet.of(POSTGRES, TCP)),
    WARM_SESSIONS("warm-sessions", "0", false, EnumSet.of(POSTGRES)),
    WARM_IDLE_LIMIT("warm-idle-limit", "5m", false, EnumSet.of(POSTGRES)),
    REQUEST_TIMEOUT("request-timeout", "60s", false, EnumSet.of(HTTP)),
    HEADER("header.", "none", true, EnumSet.of(HTTP));

    private final String text;
    private final String defaultValue;
    private final boolean secret;

    @SuppressWarnings("ImmutableEnumChecker") // made by Set.copyOf
    private final Set<Route.Protocol> protocols;

    RouteKey(String text, String defaultValue, boolean secret, Set<Route.Protocol> protocols) {
        this.text = text;
        this.defaultValue = defaultValue;
        this.secret = secret;
        this.protocols = Set.copyOf(protocols);
    }

    /** As it is written after {@code route.<name>.}; ends in a dot if a name follows. */
    public String text() {
        return text;
    }

    /** The value when absent, or a word for it. */
    public String defaultValue() {
        return defaultValue;
    }

    /** Whether the value must never be shown. */
    public boolean secret() {
        return secret;
    }

    /** The protocols that know this key. */
    public Set<Route.Protocol> protocols() {
        return protocols;
    }

    static Optional<RouteKey> of(String text) {
        return Arrays.stream(values())
                .filter(
                        key ->
                                key == HEADER
                                        ? text.startsWith(key.text)
                                                && text.length() > key.text.length()
                                        : text.equals(key.text))
                .findFirst();
    }

    /** The known key that is written most like the text: for messages about unknown ones. */
    static RouteKey nearest(String text) {
        RouteKey nearest = PROTOCOL;
        int least = Integer.MAX_VALUE;
        for (RouteKey key : values()) {
            int distance = distance(text, key.text);
            if (distance < least) {
                least = distance;
                nearest = key;
            }
        }
        return nearest;
    }

    /** All keys that are whole names, for looking them up one by one. */
    public static Set<String> wholeNames() {
        return Arrays.stream(values())
                .filter(key -> key != HEADER)
                .map(RouteKey::text)
                .collect(Collectors.toUnmodifiableSet());
    }

    /** Levenshtein's distance; the texts are a few characters long. */
    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int above = row[j];
                int change = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(change, 1 + Math.min(above, row[j - 1]));
                diagonal = above;
            }
        }
        return row[b.length()];
    }
}
