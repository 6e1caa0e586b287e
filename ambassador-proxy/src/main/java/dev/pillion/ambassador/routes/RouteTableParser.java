package dev.pillion.ambassador.routes;

import dev.pillion.ambassador.settings.Durations;
import dev.pillion.ambassador.settings.Mistake;

import java.io.ByteArrayInputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Reads a whole table or finds all its mistakes. Pure: knows no files, sockets or clocks.
 *
 * @see LiveRoutes the next hop
 */
public final class RouteTableParser {

    private static final String PREFIX = "route.";
    private static final Pattern NAME = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");
    private static final Pattern HEADER_NAME = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");
    private static final int MAX_SHOWN_CHARACTERS = 80;

    private final String secretsDirectory;
    private final List<Mistake> mistakes = new ArrayList<>();

    private RouteTableParser(String secretsDirectory) {
        this.secretsDirectory = secretsDirectory;
    }

    /**
     * A table, or what is wrong with it.
     *
     * @param table meaningful only without mistakes
     * @param mistakes empty if all is well
     */
    public record Parsed(RouteTable table, List<Mistake> mistakes) {

        /** Copies the list. */
        public Parsed {
            mistakes = List.copyOf(mistakes);
        }
    }

    /**
     * @param properties all {@code route.*} properties
     * @param secretsDirectory named in the message about a credential that is not there
     */
    public static Parsed parse(Map<String, String> properties, String secretsDirectory) {
        return new RouteTableParser(secretsDirectory).parse(properties);
    }

    private Parsed parse(Map<String, String> properties) {
        Map<String, Map<String, String>> byRoute = new TreeMap<>();
        properties.forEach(
                (key, value) -> {
                    String rest = key.substring(PREFIX.length());
                    int dot = rest.indexOf('.');
                    String name = dot < 0 ? rest : rest.substring(0, dot);
                    if (dot < 0 || !NAME.matcher(name).matches()) {
                        mistakes.add(
                                new Mistake(
                                        key,
                                        "",
                                        "is no route's key; write route.<name>.<key>, the name in"
                                                + " lower case letters, digits and dashes"));
                    } else {
                        byRoute.computeIfAbsent(name, n -> new TreeMap<>())
                                .put(rest.substring(dot + 1), value);
                    }
                });
        Map<String, Route> routes = new TreeMap<>();
        byRoute.forEach((name, keys) -> route(name, keys).ifPresent(r -> routes.put(name, r)));
        sameListen(routes);
        return new Parsed(mistakes.isEmpty() ? new RouteTable(routes) : RouteTable.EMPTY, mistakes);
    }

    private Optional<Route> route(String name, Map<String, String> keys) {
        int before = mistakes.size();
        Fields fields = new Fields(name, keys);
        Optional<Route.Protocol> protocol =
                fields.choice(RouteKey.PROTOCOL, Route.Protocol.class, Optional.empty());
        fields.refuseUnknown(protocol);
        if (protocol.isEmpty()) {
            return Optional.empty();
        }
        Route route =
                switch (protocol.get()) {
                    case POSTGRES -> postgres(fields);
                    case HTTP -> http(fields);
                    case TCP -> tcp(fields);
                };
        return mistakes.size() == before ? Optional.of(route) : Optional.empty();
    }

    private Route postgres(Fields fields) {
        return new Route.Postgres(
                fields.name,
                fields.listen(),
                fields.upstreams(),
                fields.text(RouteKey.DATABASE),
                fields.required(RouteKey.USER),
                new Secret(fields.required(RouteKey.PASSWORD)),
                fields.text(RouteKey.PASSWORD_PREVIOUS).map(Secret::new),
                fields.tls(),
                fields.choice(
                                RouteKey.CHANNEL_BINDING,
                                Route.ChannelBinding.class,
                                Optional.of(Route.ChannelBinding.PREFER))
                        .orElse(Route.ChannelBinding.PREFER),
                fields.choice(RouteKey.TARGET, Route.Target.class, Optional.of(Route.Target.ANY))
                        .orElse(Route.Target.ANY),
                fields.number(RouteKey.MAX_SESSIONS, 1, 100_000),
                fields.duration(RouteKey.CONNECT_TIMEOUT),
                fields.duration(RouteKey.STARTUP_TIMEOUT),
                fields.duration(RouteKey.LOGIN_DEADLINE),
                fields.duration(RouteKey.CIRCUIT_PAUSE),
                fields.choice(RouteKey.CANCEL_ABANDONED, YesNo.class, Optional.of(YesNo.TRUE))
                        .orElse(YesNo.TRUE)
                        .equals(YesNo.TRUE),
                fields.duration(RouteKey.HALF_CLOSE_TIMEOUT),
                fields.keepAlive(),
                new Route.Warm(
                        fields.number(RouteKey.WARM_SESSIONS, 0, 1000),
                        fields.duration(RouteKey.WARM_IDLE_LIMIT)));
    }

    private Route http(Fields fields) {
        return new Route.Http(
                fields.name,
                fields.listen(),
                fields.base(),
                fields.headers(),
                fields.tls(),
                fields.number(RouteKey.MAX_SESSIONS, 1, 100_000),
                fields.duration(RouteKey.CONNECT_TIMEOUT),
                fields.duration(RouteKey.REQUEST_TIMEOUT));
    }

    private Route tcp(Fields fields) {
        return new Route.Tcp(
                fields.name,
                fields.listen(),
                fields.upstreams(),
                fields.tls(),
                fields.number(RouteKey.MAX_SESSIONS, 1, 100_000),
                fields.duration(RouteKey.CONNECT_TIMEOUT),
                fields.duration(RouteKey.HALF_CLOSE_TIMEOUT),
                fields.keepAlive());
    }

    private void sameListen(Map<String, Route> routes) {
        Map<HostPort, String> seen = new HashMap<>();
        for (Route route : routes.values()) {
            if (route.listen().port() != 0) {
                String first = seen.putIfAbsent(route.listen(), route.name());
                if (first != null) {
                    mistakes.add(
                            new Mistake(
                                    PREFIX + route.name() + "." + RouteKey.LISTEN.text(),
                                    route.listen().toString(),
                                    "is also that of route "
                                            + first
                                            + "; give each route its own port"));
                }
            }
        }
    }

    private enum YesNo {
        TRUE,
        FALSE
    }

    /** The keys of one route, read one by one; what is wrong goes to the mistakes. */
    private final class Fields {

        private final String name;
        private final Map<String, String> keys;

        Fields(String name, Map<String, String> keys) {
            this.name = name;
            this.keys = keys;
        }

        void refuseUnknown(Optional<Route.Protocol> protocol) {
            keys.forEach(
                    (text, value) -> {
                        Optional<RouteKey> key = RouteKey.of(text);
                        if (key.isEmpty()) {
                            mistakes.add(
                                    new Mistake(
                                            PREFIX + name + "." + text,
                                            "",
                                            "is not known; did you mean "
                                                    + PREFIX
                                                    + name
                                                    + "."
                                                    + RouteKey.nearest(text).text()
                                                    + "?"));
                        } else if (protocol.isPresent()
                                && !key.get().protocols().contains(protocol.get())) {
                            mistakes.add(
                                    new Mistake(
                                            PREFIX + name + "." + text,
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
                boolean credential = key == RouteKey.USER || key == RouteKey.PASSWORD;
                String full = PREFIX + name + "." + key.text();
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
                                                PREFIX + name + "." + text,
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
            Tls.Mode mode =
                    choice(RouteKey.TLS, Tls.Mode.class, Optional.of(Tls.Mode.VERIFY_FULL))
                            .orElse(Tls.Mode.VERIFY_FULL);
            Optional<String> authority = text(RouteKey.TLS_CA);
            authority.ifPresent(
                    pem -> {
                        try {
                            int certificates =
                                    CertificateFactory.getInstance("X.509")
                                            .generateCertificates(
                                                    new ByteArrayInputStream(
                                                            pem.getBytes(
                                                                    StandardCharsets.US_ASCII)))
                                            .size();
                            if (certificates == 0) {
                                throw new CertificateException("none");
                            }
                        } catch (CertificateException wrong) {
                            mistakes.add(
                                    new Mistake(
                                            PREFIX + name + "." + RouteKey.TLS_CA.text(),
                                            "",
                                            "holds no PEM certificate; the value is the text from"
                                                    + " -----BEGIN CERTIFICATE----- on, not a"
                                                    + " path"));
                        }
                    });
            return new Tls(mode, authority);
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

        <E extends Enum<E>> Optional<E> choice(
                RouteKey key, Class<E> type, Optional<E> defaultValue) {
            Optional<String> text =
                    defaultValue.isPresent() ? text(key) : Optional.of(required(key));
            if (text.isEmpty()) {
                return defaultValue;
            }
            if (text.get().isEmpty()) {
                return Optional.empty();
            }
            List<String> allowed =
                    Arrays.stream(type.getEnumConstants())
                            .map(e -> e.name().toLowerCase(Locale.ROOT).replace('_', '-'))
                            .toList();
            int index = allowed.indexOf(text.get().strip().toLowerCase(Locale.ROOT));
            if (index < 0) {
                wrong(key, text.get(), "is not one of " + String.join(", ", allowed));
                return Optional.empty();
            }
            return Optional.of(type.getEnumConstants()[index]);
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
                            PREFIX + name + "." + key.text(), shown.replaceAll("\\R", " "), fix));
        }
    }
}
