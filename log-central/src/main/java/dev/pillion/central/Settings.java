package dev.pillion.central;

import dev.pillion.central.access.AccessSettings;
import dev.pillion.central.access.Hosts;
import dev.pillion.central.access.SignOnSettings;
import dev.pillion.central.ingest.IngestLimits;
import dev.pillion.central.ingest.IngestSettings;
import dev.pillion.central.query.QueryLimits;
import dev.pillion.central.store.StoreSettings;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * All settings of the service, read once at the start. Every key is in {@link #KEYS} with its
 * default and its meaning; {@code --help} and a test of the README use the same list.
 */
public record Settings(
        Path dataDirectory,
        AccessSettings access,
        Duration headTimeout,
        IngestSettings ingest,
        StoreSettings store,
        QueryLimits query,
        int tailReaders) {

    /** A key, its default as it is written, and what it means. */
    public record Key(String name, String byDefault, String meaning) {}

    private static final Map<String, Key> BY_NAME = new LinkedHashMap<>();

    /** All keys in the order in which a person should read them. */
    public static final List<Key> KEYS =
            keys(
                    "server.port",
                    "8094",
                    "port of the API and the viewer",
                    "server.host",
                    "127.0.0.1, in a pod 0.0.0.0",
                    "address it listens on; another than loopback needs tokens, or"
                            + " central.access.open",
                    "central.data-directory",
                    "/var/lib/log-central",
                    "folder that everything is kept in",
                    "central.store",
                    "embedded",
                    "where records are kept: embedded",
                    "central.access.tokens-directory",
                    "/etc/log-central/tokens",
                    "folder of the tokens' files, a mounted Secret; read again every 2 s",
                    "central.access.open",
                    "false",
                    "whether all who reach the port may send and read while there are no tokens",
                    "central.access.session",
                    "12h",
                    "how long a login of the viewer lasts",
                    "central.access.audit",
                    "true",
                    "whether each read is told in the log",
                    "central.access.user-header",
                    "none",
                    "header in which a proxy in front names the user, for the audit",
                    "central.access.oidc.issuer",
                    "none",
                    "OpenID provider at which readers may sign on, as it names itself; none: only tokens",
                    "central.access.oidc.client-id",
                    "log-central",
                    "what the provider calls this service; the secret is in the tokens' folder",
                    "central.access.oidc.address",
                    "none",
                    "address of this service as browsers see it; the provider has to know it with"
                            + " api/sign-on/callback behind it",
                    "central.access.oidc.scopes",
                    "openid profile email",
                    "what the provider is asked for",
                    "central.access.oidc.user-claim",
                    "email",
                    "claim that names a person in the audit; where it is absent, sub does",
                    "central.access.oidc.namespaces-claim",
                    "none",
                    "claim with the namespaces that a person may read, * for all; none: who signs on"
                            + " may read all",
                    "central.access.oidc.timeout",
                    "10s",
                    "how long the provider may take to answer",
                    "central.access.client-bytes",
                    "64MiB",
                    "most bytes that one client may send in a second; beyond it 429",
                    "central.access.client-requests",
                    "200",
                    "most requests with which one client may read in a second; beyond it 429",
                    "central.access.head-timeout",
                    "10s",
                    "how long the head of a request may take to come; then the connection is closed",
                    "central.ingest.request-bytes",
                    "8MiB",
                    "most bytes of a request as sent",
                    "central.ingest.decompressed-bytes",
                    "32MiB",
                    "most bytes of a request after decompression",
                    "central.ingest.records",
                    "100000",
                    "most records in a request",
                    "central.ingest.depth",
                    "32",
                    "most levels of nested values in a record",
                    "central.ingest.concurrent",
                    "8",
                    "requests that are decoded and written at once; others wait, then 429",
                    "central.ingest.wait",
                    "5s",
                    "how long a request waits for its turn and for room in the head; then 429",
                    "central.ingest.body-memory",
                    "64MiB",
                    "most bytes of bodies in memory, of all requests together; beyond it 429",
                    "central.ingest.body-timeout",
                    "20s",
                    "how long a request's body may take to come; then the connection is closed",
                    "central.ingest.repeat-window",
                    "15m",
                    "how long a request without file positions is recognised if it is"
                            + " sent again",
                    "central.head.bytes",
                    "40MiB",
                    "memory of the records that are not written to chunks yet; at twice that"
                            + " requests wait",
                    "central.journal.bytes",
                    "1GiB",
                    "most bytes of the journal; at that 429",
                    "central.journal.replay-bytes",
                    "32MiB",
                    "about how much of the journal a restart reads; older records are sealed",
                    "central.chunk.records",
                    "2048",
                    "records after which a chunk is sealed",
                    "central.chunk.age",
                    "10m",
                    "age at which a chunk is sealed",
                    "central.chunk.compact-interval",
                    "5m",
                    "time between looks for small chunks of a source to join",
                    "central.store.commit-interval",
                    "15s",
                    "time between commits of the indices",
                    "central.store.free-bytes",
                    "256MiB",
                    "what must stay free on the disk; below it 503, reading goes on",
                    "central.retention.age",
                    "30d",
                    "days older than this are deleted",
                    "central.retention.bytes",
                    "50GiB",
                    "the oldest days are deleted while all take more",
                    "central.query.timeout",
                    "30s",
                    "a query that takes longer is ended",
                    "central.query.concurrent",
                    "4",
                    "queries that run at once",
                    "central.query.page",
                    "1000",
                    "most records in one answer",
                    "central.tail.readers",
                    "1000",
                    "live tails at once");

    private static List<Key> keys(String... words) {
        List<Key> keys = new ArrayList<>();
        for (int i = 0; i < words.length; i += 3) {
            Key key = new Key(words[i], words[i + 1], words[i + 2]);
            keys.add(key);
            BY_NAME.put(key.name(), key);
        }
        return List.copyOf(keys);
    }

    /** Settings that cannot be used: one line each. */
    public static final class Wrong extends Exception {
        private static final long serialVersionUID = 1;
        private final List<String> mistakes;

        Wrong(List<String> mistakes) {
            super(String.join("\n", mistakes));
            this.mistakes = List.copyOf(mistakes);
        }

        public List<String> mistakes() {
            return mistakes;
        }
    }

    /**
     * @param names of all properties that are set; those of others are theirs
     * @return a line for each of ours that is not known, which would change nothing unnoticed
     */
    static List<String> unknown(Iterable<String> names) {
        List<String> mistakes = new ArrayList<>();
        for (String name : names) {
            if (name.startsWith("central.") && !BY_NAME.containsKey(name)) {
                mistakes.add(name + ": is not known; see --help");
            }
        }
        return mistakes;
    }

    /**
     * @param source gives the value of a key, or nothing
     * @throws Wrong with all mistakes at once
     */
    public static Settings read(Function<String, Optional<String>> source) throws Wrong {
        Reader reader = new Reader(source);
        String store = reader.text("central.store");
        if (store.equals("opensearch")) {
            reader.mistakes.add(
                    "central.store: 'opensearch' is not there yet; use embedded, which is the"
                            + " default");
        } else if (!store.equals("embedded")) {
            reader.mistakes.add("central.store: '" + store + "' is not known; use embedded");
        }
        Path directory = Path.of(reader.text("central.data-directory"));
        IngestLimits limits =
                new IngestLimits(
                        reader.bytes("central.ingest.request-bytes", 1024, 256L << 20),
                        reader.bytes("central.ingest.decompressed-bytes", 1024, 512L << 20),
                        reader.number("central.ingest.records", 1, 10_000_000),
                        reader.number("central.ingest.depth", 1, 200));
        Settings settings =
                new Settings(
                        directory,
                        new AccessSettings(
                                Path.of(reader.text("central.access.tokens-directory")),
                                reader.truth("central.access.open"),
                                reader.duration("central.access.session"),
                                reader.truth("central.access.audit"),
                                reader.textOrNone("central.access.user-header"),
                                reader.bytes("central.access.client-bytes", 1024, 1L << 40),
                                reader.number("central.access.client-requests", 1, 1_000_000),
                                signOn(reader)),
                        reader.duration("central.access.head-timeout"),
                        new IngestSettings(
                                limits,
                                reader.bytes(
                                        "central.ingest.body-memory",
                                        limits.requestBytes() + limits.decompressedBytes() + 65536,
                                        16L << 30),
                                reader.duration("central.ingest.body-timeout"),
                                reader.number("central.ingest.concurrent", 1, 1000),
                                reader.duration("central.ingest.wait")),
                        new StoreSettings(
                                directory,
                                reader.bytes("central.head.bytes", 1 << 20, 16L << 30),
                                reader.bytes("central.journal.bytes", 1 << 20, 1L << 40),
                                reader.bytes("central.journal.replay-bytes", 1 << 20, 1L << 40),
                                reader.number("central.chunk.records", 16, 65536),
                                reader.duration("central.chunk.age"),
                                reader.duration("central.chunk.compact-interval"),
                                reader.duration("central.store.commit-interval"),
                                reader.duration("central.retention.age"),
                                reader.bytes("central.retention.bytes", 1 << 20, 1L << 50),
                                reader.bytes("central.store.free-bytes", 0, 1L << 50),
                                reader.duration("central.ingest.repeat-window")),
                        new QueryLimits(
                                reader.duration("central.query.timeout"),
                                reader.number("central.query.concurrent", 1, 1000),
                                reader.number("central.query.page", 1, 100_000)),
                        reader.number("central.tail.readers", 1, 100_000));
        reader.number("server.port", 0, 65535);
        if (!reader.mistakes.isEmpty()) {
            throw new Wrong(reader.mistakes);
        }
        return settings;
    }

    private static Optional<SignOnSettings> signOn(Reader reader) {
        String scopes = reader.text("central.access.oidc.scopes");
        String clientId = reader.text("central.access.oidc.client-id");
        String userClaim = reader.text("central.access.oidc.user-claim");
        String namespacesClaim = reader.textOrNone("central.access.oidc.namespaces-claim");
        Duration timeout = reader.duration("central.access.oidc.timeout");
        String issuer = reader.textOrNone("central.access.oidc.issuer");
        if (issuer.isEmpty()) {
            return Optional.empty();
        }
        reader.address("central.access.oidc.issuer");
        URI address = reader.address("central.access.oidc.address");
        return Optional.of(
                new SignOnSettings(
                        issuer, clientId, address, scopes, userClaim, namespacesClaim, timeout));
    }

    private static final class Reader {
        private final Function<String, Optional<String>> source;
        private final List<String> mistakes = new ArrayList<>();

        Reader(Function<String, Optional<String>> source) {
            this.source = source;
        }

        String text(String key) {
            return source.apply(key)
                    .map(String::trim)
                    .filter(value -> !value.isEmpty())
                    .orElse(BY_NAME.get(key).byDefault());
        }

        /** The empty text for {@code none}. */
        String textOrNone(String key) {
            String text = text(key);
            return text.equals("none") ? "" : text;
        }

        /** An address that secrets may go to, with a slash at its end. */
        URI address(String key) {
            String text = text(key);
            try {
                URI uri = URI.create(text.endsWith("/") ? text : text + "/");
                if (Hosts.isSafe(uri)
                        && uri.getRawQuery() == null
                        && uri.getRawFragment() == null) {
                    return uri;
                }
            } catch (IllegalArgumentException e) {
                // Said below.
            }
            mistakes.add(
                    key
                            + ": '"
                            + text
                            + "' is not an address with https; write https://logs.example.org/"
                            + " (http only on this machine: http://localhost:8094/)");
            return URI.create("https://localhost/");
        }

        boolean truth(String key) {
            String text = text(key);
            if (!text.equals("true") && !text.equals("false")) {
                mistakes.add(key + ": '" + text + "' is neither true nor false");
            }
            return text.equals("true");
        }

        int number(String key, int least, int most) {
            String text = text(key);
            try {
                int value = Integer.parseInt(text);
                if (value >= least && value <= most) {
                    return value;
                }
            } catch (NumberFormatException e) {
                // Said below.
            }
            mistakes.add(key + ": '" + text + "' is not a number from " + least + " to " + most);
            return least;
        }

        long bytes(String key, long least, long most) {
            String text = text(key);
            String[] units = {"GiB", "MiB", "KiB", ""};
            long[] sizes = {1L << 30, 1L << 20, 1L << 10, 1};
            for (int i = 0; i < units.length; i++) {
                if (text.endsWith(units[i])) {
                    try {
                        String digits = text.substring(0, text.length() - units[i].length());
                        long value = Math.multiplyExact(Long.parseLong(digits.trim()), sizes[i]);
                        if (value >= least && value <= most) {
                            return value;
                        }
                    } catch (NumberFormatException | ArithmeticException e) {
                        // Said below.
                    }
                    break;
                }
            }
            mistakes.add(
                    key
                            + ": '"
                            + text
                            + "' is not a size from "
                            + least
                            + " to "
                            + most
                            + " bytes; write 512KiB, 64MiB or 2GiB");
            return least;
        }

        Duration duration(String key) {
            String text = text(key).toLowerCase(Locale.ROOT);
            String[] units = {"ms", "s", "m", "h", "d"};
            long[] millis = {1, 1000, 60_000, 3_600_000, 86_400_000};
            for (int i = 0; i < units.length; i++) {
                String digits = text.substring(0, Math.max(0, text.length() - units[i].length()));
                if (text.endsWith(units[i])
                        && !digits.isEmpty()
                        && digits.length() < 10
                        && digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
                    Duration value = Duration.ofMillis(Long.parseLong(digits) * millis[i]);
                    if (value.isPositive() && value.toDays() <= 3650) {
                        return value;
                    }
                }
            }
            mistakes.add(
                    key + ": '" + text + "' is not a duration; write 500ms, 15s, 10m, 2h or 30d");
            return Duration.ofSeconds(1);
        }
    }
}
