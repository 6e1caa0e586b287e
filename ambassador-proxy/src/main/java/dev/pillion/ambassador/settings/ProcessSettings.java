package dev.pillion.ambassador.settings;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * The settings of the process itself; they hold from start to end. Routes are apart, because they
 * come and go.
 *
 * @param routesDirectory where the ConfigMap with the routes is mounted
 * @param secretsDirectory where the Secret with the credentials is mounted
 * @param reloadInterval how often the mounts are looked at besides being watched
 * @param relayThreads how many selector loops carry the bytes of all sessions
 * @param drainIdle how long sessions between transactions may go on after SIGTERM
 * @param drainGrace how long all others may
 * @param httpConnections how many connections an http route serves at one time
 * @param httpIdle how long each of them may be without a request
 * @param port of the admin socket: page, routes, health, metrics
 */
public record ProcessSettings(
        Path routesDirectory,
        Path secretsDirectory,
        Duration reloadInterval,
        int relayThreads,
        Duration drainIdle,
        Duration drainGrace,
        int httpConnections,
        Duration httpIdle,
        int port) {

    /** A key of the process, as {@code --help} and the README list it. */
    public record Key(String name, String defaultValue, String meaning) {}

    static final Key ROUTES_DIRECTORY =
            new Key(
                    "ambassador.routes-directory",
                    "/etc/ambassador/routes",
                    "where the ConfigMap with the routes is mounted");
    static final Key SECRETS_DIRECTORY =
            new Key(
                    "ambassador.secrets-directory",
                    "/etc/ambassador/secrets",
                    "where the Secret with the credentials is mounted");
    static final Key RELOAD_INTERVAL =
            new Key(
                    "ambassador.reload-interval",
                    "1s",
                    "how often the mounts are looked at, besides being watched");
    static final Key RELAY_THREADS =
            new Key(
                    "ambassador.relay-threads",
                    "1",
                    "selector loops that carry the bytes of all sessions (1 to 64)");
    static final Key DRAIN_IDLE =
            new Key(
                    "ambassador.drain-idle",
                    "5s",
                    "how long sessions between transactions may go on after SIGTERM");
    static final Key DRAIN_GRACE =
            new Key(
                    "ambassador.drain-grace",
                    "10s",
                    "how long sessions in a transaction, and requests, may go on after SIGTERM");
    static final Key HTTP_CONNECTIONS =
            new Key(
                    "ambassador.http-connections",
                    "256",
                    "connections that an http route serves at one time (1 to 10000); others wait");
    static final Key HTTP_IDLE =
            new Key(
                    "ambassador.http-idle",
                    "60s",
                    "how long one of them may wait for its client: for a request, its headers, more of a body, more of an answer to be taken");
    static final Key PORT =
            new Key("server.port", "8091", "admin socket: page, routes, health, metrics, openapi");

    /** All keys, in the order they are documented. */
    public static final List<Key> KEYS =
            List.of(
                    ROUTES_DIRECTORY,
                    SECRETS_DIRECTORY,
                    RELOAD_INTERVAL,
                    RELAY_THREADS,
                    DRAIN_IDLE,
                    DRAIN_GRACE,
                    HTTP_CONNECTIONS,
                    HTTP_IDLE,
                    PORT);

    /**
     * @param lookup a property's value, empty if it is not set
     * @param mistakes is added to, one a wrong value; the default stands in for it then
     */
    public static ProcessSettings parse(
            Function<String, Optional<String>> lookup, List<Mistake> mistakes) {
        return new ProcessSettings(
                directory(ROUTES_DIRECTORY, lookup, mistakes),
                directory(SECRETS_DIRECTORY, lookup, mistakes),
                duration(RELOAD_INTERVAL, lookup, mistakes),
                number(RELAY_THREADS, 1, 64, lookup, mistakes),
                duration(DRAIN_IDLE, lookup, mistakes),
                duration(DRAIN_GRACE, lookup, mistakes),
                number(HTTP_CONNECTIONS, 1, 10_000, lookup, mistakes),
                duration(HTTP_IDLE, lookup, mistakes),
                number(PORT, 0, 65535, lookup, mistakes));
    }

    /**
     * @param names of all properties there are; those of others are none of our business
     * @param mistakes is added to, one a name that looks like ours and is not
     */
    public static void refuseUnknown(Iterable<String> names, List<Mistake> mistakes) {
        for (String name : names) {
            if (name.startsWith("ambassador.")
                    && KEYS.stream().noneMatch(key -> key.name().equals(name))) {
                mistakes.add(new Mistake(name, "", "is not known; see --help"));
            }
        }
    }

    private static Path directory(
            Key key, Function<String, Optional<String>> lookup, List<Mistake> mistakes) {
        String value = lookup.apply(key.name()).orElse(key.defaultValue());
        try {
            Path path = Path.of(value);
            if (java.nio.file.Files.exists(path) && !java.nio.file.Files.isDirectory(path)) {
                mistakes.add(new Mistake(key.name(), value, "is not a directory; name one"));
            }
            return path;
        } catch (InvalidPathException invalid) {
            mistakes.add(new Mistake(key.name(), value, "is not a path; name a directory"));
            return Path.of(key.defaultValue());
        }
    }

    private static Duration duration(
            Key key, Function<String, Optional<String>> lookup, List<Mistake> mistakes) {
        String value = lookup.apply(key.name()).orElse(key.defaultValue());
        return Durations.parse(value)
                .orElseGet(
                        () -> {
                            mistakes.add(
                                    new Mistake(
                                            key.name(),
                                            value,
                                            "is not a duration; write for example "
                                                    + key.defaultValue()));
                            return Durations.parse(key.defaultValue()).orElseThrow();
                        });
    }

    private static int number(
            Key key,
            int least,
            int most,
            Function<String, Optional<String>> lookup,
            List<Mistake> mistakes) {
        String value = lookup.apply(key.name()).orElse(key.defaultValue());
        try {
            int number = Integer.parseInt(value.strip());
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException notANumber) {
            // said below, together with the numbers out of range
        }
        mistakes.add(
                new Mistake(
                        key.name(),
                        value,
                        "is not a whole number from " + least + " to " + most + "; write one"));
        return Integer.parseInt(key.defaultValue());
    }
}
