package dev.pillion.ambassador.routes;

import dev.pillion.ambassador.settings.Mistake;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
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

    static final String PREFIX = "route.";
    private static final Pattern NAME = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");

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
        RouteFields fields = new RouteFields(name, keys, secretsDirectory, mistakes);
        Optional<Route.Protocol> protocol =
                fields.requiredChoice(RouteKey.PROTOCOL, Route.Protocol.class);
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

    private Route postgres(RouteFields fields) {
        return new Route.Postgres(
                fields.name,
                fields.listen(),
                fields.upstreams(),
                fields.text(RouteKey.DATABASE),
                fields.required(RouteKey.USER),
                fields.password(),
                fields.text(RouteKey.PASSWORD_PREVIOUS).map(Secret::new),
                fields.tls(),
                fields.choice(RouteKey.CHANNEL_BINDING, Route.ChannelBinding.PREFER),
                fields.yes(RouteKey.ALLOW_MD5),
                fields.identity(RouteKey.LISTEN_TLS_CERTIFICATE, RouteKey.LISTEN_TLS_KEY),
                fields.appLogin(),
                fields.choice(RouteKey.TARGET, Route.Target.ANY),
                fields.number(RouteKey.MAX_SESSIONS, 1, 100_000),
                fields.duration(RouteKey.CONNECT_TIMEOUT),
                fields.number(RouteKey.LOGIN_BYTES, 8 << 10, 16 << 20),
                fields.duration(RouteKey.STARTUP_TIMEOUT),
                fields.duration(RouteKey.LOGIN_DEADLINE),
                fields.duration(RouteKey.CIRCUIT_PAUSE),
                fields.yes(RouteKey.CANCEL_ABANDONED),
                fields.duration(RouteKey.HALF_CLOSE_TIMEOUT),
                fields.keepAlive(),
                new Route.Warm(
                        fields.number(RouteKey.WARM_SESSIONS, 0, 1000),
                        fields.duration(RouteKey.WARM_IDLE_LIMIT)));
    }

    private Route http(RouteFields fields) {
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

    private Route tcp(RouteFields fields) {
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
        Map<String, String> seen = new HashMap<>();
        for (Route route : routes.values()) {
            if (route.listen().port() != 0) {
                String listen = route.listen().toString();
                String first = seen.putIfAbsent(listen, route.name());
                if (first != null) {
                    mistakes.add(
                            new Mistake(
                                    PREFIX + route.name() + "." + RouteKey.LISTEN.text(),
                                    listen,
                                    "is also that of route "
                                            + first
                                            + "; give each route its own port"));
                }
            }
        }
    }
}
