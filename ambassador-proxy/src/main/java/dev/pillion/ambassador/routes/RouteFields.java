package dev.pillion.ambassador.routes;

import dev.pillion.ambassador.settings.Durations;
import dev.pillion.ambassador.settings.Mistake;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** The keys of one route, read one by one; what is wrong goes to the mistakes. One thread. */
final class RouteFields {

    private static final int MAX_SHOWN_CHARACTERS = 80;
    private static final Pattern HEADER_NAME = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");

    final String name;
    private final Map<String, String> keys;
    private final String secretsDirectory;
    private final List<Mistake> mistakes;

    private enum YesNo {
        TRUE,
        FALSE
    }

    /**
     * @param keys what stands after {@code route.<name>.}, with its value
     * @param secretsDirectory named in the message about a credential that is not there
     * @param mistakes is added to
     */
    RouteFields(
            String name,
            Map<String, String> keys,
            String secretsDirectory,
            List<Mistake> mistakes) {
        this.name = name;
        this.keys = keys;
        this.secretsDirectory = secretsDirectory;
        this.mistakes = mistakes;
    }

    void refuseUnknown(Optional<Route.Protocol> protocol) {
        keys.forEach(
                (text, value) -> {
                    Optional<RouteKey> key = RouteKey.of(text);
                    if (key.isEmpty()) {
                        mistakes.add(
                                new Mistake(
                                        RouteTableParser.PREFIX + name + "." + text,
                                        "",
                                        "is not known; did you mean "
                                                + RouteTableParser.PREFIX
                                                + name
                                                + "."
                                                + RouteKey.nearest(text).text()
                                                + "?"));
                    } else if (protocol.isPresent()
                            && !key.get().protocols().contains(protocol.get())) {
                        mistakes.add(
                                new Mistake(
                                        RouteTableParser.PREFIX + name + "." + text,
                                        "",
                                        "does not apply to protocol "
                                                + protocol.get().text()
                                                + "; remove it"));
                    }
                });
    }

    Optional<String> text(RouteKey key) {
        return Optional.ofNullable(keys.get(key.text())).filter(value -> !value.isEmpty());
    }

    String required(RouteKey key) {
        Optional<String> value = text(key);
        if (value.isEmpty()) {
            boolean credential = key == RouteKey.USER || key.secret();
            String full = RouteTableParser.PREFIX + name + "." + key.text();
            mistakes.add(
                    new Mistake(
                            full,
                            "",
                            credential
                                    ? "is not set; add the key "
                                            + full
                                            + " to the Secret mounted at "
                                            + secretsDirectory
                                    : "is not set; add the key to the ConfigMap"));
        }
        return value.orElse("");
    }

    HostPort listen() {
        String text = required(RouteKey.LISTEN).strip();
        if (text.isEmpty()) {
            return new HostPort("127.0.0.1", 0);
        }
        try {
            return text.chars().allMatch(Character::isDigit)
                    ? new HostPort("127.0.0.1", HostPort.port(text))
                    : HostPort.parse(text);
        } catch (IllegalArgumentException wrong) {
            wrong(RouteKey.LISTEN, text, wrong.getMessage());
            return new HostPort("127.0.0.1", 0);
        }
    }

    List<HostPort> upstreams() {
        List<HostPort> upstreams = new ArrayList<>();
        String text = required(RouteKey.UPSTREAM);
        for (String part : text.split(",", -1)) {
            if (text.isEmpty()) {
                continue;
            }
            try {
                HostPort upstream = HostPort.parse(part.strip());
                if (upstream.port() == 0) {
                    throw new IllegalArgumentException("has no port; write host:port");
                }
                upstreams.add(upstream);
            } catch (IllegalArgumentException wrong) {
                wrong(RouteKey.UPSTREAM, part.strip(), wrong.getMessage());
            }
        }
        return upstreams;
    }

    URI base() {
        URI nowhere = URI.create("http://localhost");
        String text = required(RouteKey.UPSTREAM).strip();
        if (text.isEmpty()) {
            return nowhere;
        }
        try {
            URI uri = new URI(text);
            boolean web = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
            if (web
                    && uri.getHost() != null
                    && uri.getUserInfo() == null
                    && uri.getQuery() == null
                    && uri.getFragment() == null) {
                return uri;
            }
        } catch (URISyntaxException notAnAddress) {
            // said below
        }
        wrong(RouteKey.UPSTREAM, text, "is no URL of a server; write https://host:port/base");
        return nowhere;
    }

    Map<String, Secret> headers() {
        Map<String, Secret> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        keys.forEach(
                (text, value) -> {
                    if (text.startsWith(RouteKey.HEADER.text())) {
                        String header = text.substring(RouteKey.HEADER.text().length());
                        if (!HEADER_NAME.matcher(header).matches()
                                || value.chars().anyMatch(c -> c < ' ' && c != '\t')) {
                            mistakes.add(
                                    new Mistake(
                                            RouteTableParser.PREFIX + name + "." + text,
                                            "",
                                            "is no header; a name has no spaces, a value no"
                                                    + " line breaks"));
                        }
                        headers.put(header, new Secret(value));
                    }
                });
        return headers;
    }

    Tls tls() {
        Optional<String> authority = text(RouteKey.TLS_CA);
        authority.ifPresent(pem -> certificates(RouteKey.TLS_CA, pem));
        Tls tls =
                new Tls(
                        choice(RouteKey.TLS, Tls.Mode.VERIFY_FULL),
                        authority,
                        identity(RouteKey.TLS_CERTIFICATE, RouteKey.TLS_KEY),
                        choice(RouteKey.TLS_NEGOTIATION, Tls.Negotiation.POSTGRES));
        if (!tls.enabled() && tls.negotiation() == Tls.Negotiation.DIRECT) {
            wrong(RouteKey.TLS_NEGOTIATION, "direct", "needs " + full(RouteKey.TLS) + " to be on");
        }
        return tls;
    }

    /** Of the upstream; empty where a certificate says who we are. */
    Secret password() {
        return new Secret(
                text(RouteKey.TLS_CERTIFICATE).isPresent()
                        ? text(RouteKey.PASSWORD).orElse("")
                        : required(RouteKey.PASSWORD));
    }

    /** Both or none of the two keys. */
    Optional<Identity> identity(RouteKey certificate, RouteKey key) {
        if (text(certificate).isEmpty() && text(key).isEmpty()) {
            return Optional.empty();
        }
        Identity identity = new Identity(required(certificate), new Secret(required(key)));
        if (text(certificate).isEmpty() || text(key).isEmpty()) {
            return Optional.empty();
        }
        if (certificates(certificate, identity.certificates())) {
            try {
                identity.keyStore();
            } catch (InvalidKeyException foreign) {
                wrong(key, "", "does not belong to " + full(certificate));
            } catch (GeneralSecurityException | IOException unreadable) {
                wrong(
                        key,
                        "",
                        "holds no PEM private key (RSA or EC, not encrypted); the value is the"
                                + " text from -----BEGIN on, not a path");
            }
        }
        return Optional.of(identity);
    }

    /** Who the application has to prove to be; empty if anybody will do. */
    Optional<AppLogin> appLogin() {
        if (choice(RouteKey.APP_LOGIN, Route.AppPolicy.ANY) == Route.AppPolicy.ANY) {
            for (RouteKey unused : List.of(RouteKey.APP_LOGIN_USER, RouteKey.APP_LOGIN_PASSWORD)) {
                if (text(unused).isPresent()) {
                    wrong(
                            unused,
                            "",
                            "is not asked for while "
                                    + full(RouteKey.APP_LOGIN)
                                    + " is any; set that to scram-sha-256, or remove this");
                }
            }
            return Optional.empty();
        }
        return Optional.of(
                new AppLogin(
                        required(RouteKey.APP_LOGIN_USER),
                        new Secret(required(RouteKey.APP_LOGIN_PASSWORD))));
    }

    private boolean certificates(RouteKey key, String pem) {
        try {
            Identity.chain(pem);
            return true;
        } catch (CertificateException none) {
            wrong(
                    key,
                    "",
                    "holds no PEM certificate; the value is the text from"
                            + " -----BEGIN CERTIFICATE----- on, not a path");
            return false;
        }
    }

    boolean yes(RouteKey key) {
        return choice(key, YesNo.valueOf(key.defaultValue().toUpperCase(Locale.ROOT)))
                == YesNo.TRUE;
    }

    Route.KeepAlive keepAlive() {
        return new Route.KeepAlive(
                wholeSeconds(RouteKey.KEEP_ALIVE_IDLE),
                wholeSeconds(RouteKey.KEEP_ALIVE_INTERVAL),
                number(RouteKey.KEEP_ALIVE_COUNT, 1, 127));
    }

    int number(RouteKey key, int least, int most) {
        String text = text(key).orElse(key.defaultValue()).strip();
        try {
            int number = Integer.parseInt(text);
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException notANumber) {
            // said below
        }
        wrong(key, text, "is not a whole number from " + least + " to " + most);
        return least;
    }

    Duration duration(RouteKey key) {
        String text = text(key).orElse(key.defaultValue());
        return Durations.parse(text)
                .orElseGet(
                        () -> {
                            wrong(key, text, "is not a duration; write for example 15s");
                            return Duration.ofSeconds(1);
                        });
    }

    /** Linux counts keep-alive times in seconds, up to 32767. */
    private Duration wholeSeconds(RouteKey key) {
        Duration duration = duration(key);
        boolean whole = duration.toNanosPart() == 0 && duration.toSeconds() <= Short.MAX_VALUE;
        if (!whole) {
            wrong(
                    key,
                    text(key).orElse(key.defaultValue()),
                    "is not whole seconds from 1s to 32767s; write for example "
                            + key.defaultValue());
        }
        return duration;
    }

    /** The default if absent or wrong; wrong is noted. */
    <E extends Enum<E>> E choice(RouteKey key, E defaultValue) {
        return text(key)
                .flatMap(text -> choice(key, defaultValue.getDeclaringClass(), text))
                .orElse(defaultValue);
    }

    /** Empty if absent or wrong; both are noted. */
    <E extends Enum<E>> Optional<E> requiredChoice(RouteKey key, Class<E> type) {
        String text = required(key);
        return text.isEmpty() ? Optional.empty() : choice(key, type, text);
    }

    private <E extends Enum<E>> Optional<E> choice(RouteKey key, Class<E> type, String text) {
        List<String> allowed =
                Arrays.stream(type.getEnumConstants())
                        .map(e -> e.name().toLowerCase(Locale.ROOT).replace('_', '-'))
                        .toList();
        int index = allowed.indexOf(text.strip().toLowerCase(Locale.ROOT));
        if (index < 0) {
            wrong(key, text, "is not one of " + String.join(", ", allowed));
            return Optional.empty();
        }
        return Optional.of(type.getEnumConstants()[index]);
    }

    private String full(RouteKey key) {
        return RouteTableParser.PREFIX + name + "." + key.text();
    }

    private void wrong(RouteKey key, String value, String fix) {
        String shown =
                // Before an @ there may be a password.
                key.secret() || value.indexOf('@') >= 0
                        ? ""
                        : value.length() > MAX_SHOWN_CHARACTERS
                                ? value.substring(0, MAX_SHOWN_CHARACTERS) + "…"
                                : value;
        mistakes.add(
                new Mistake(
                        RouteTableParser.PREFIX + name + "." + key.text(),
                        shown.replaceAll("\\R", " "),
                        fix));
    }
}
