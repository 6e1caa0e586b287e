package dev.pillion.adapter;

import dev.pillion.adapter.frame.Charsets;
import dev.pillion.adapter.ship.Endpoint;
import dev.pillion.adapter.ship.Endpoint.Compression;
import dev.pillion.adapter.ship.Tls;

import java.io.IOException;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.PatternSyntaxException;

/**
 * Reads one value after another and keeps what is wrong with them: each mistake is a line that
 * names the key, the value and what to write. A value that cannot be used is replaced by one that
 * can, so that reading goes on to the next.
 */
final class SettingsReader {
    private final Function<String, Optional<String>> config;
    final List<String> mistakes = new ArrayList<>();

    SettingsReader(Function<String, Optional<String>> config) {
        this.config = config;
    }

    String text(String key) {
        return config.apply(key).map(String::strip).orElse(Settings.DEFAULTS.get(key));
    }

    List<String> list(String key) {
        return Arrays.stream(text(key).split(",", -1))
                .map(String::strip)
                .filter(s -> !s.isEmpty())
                .toList();
    }

    /** Those of a list that are globs. */
    List<String> globs(String key) {
        List<String> globs = new ArrayList<>();
        for (String glob : list(key)) {
            try {
                FileSystems.getDefault().getPathMatcher("glob:" + glob);
                globs.add(glob);
            } catch (PatternSyntaxException e) {
                mistakes.add(
                        key
                                + ": '"
                                + glob
                                + "' is no glob ("
                                + e.getDescription()
                                + "); write for example /var/log/app/*.log");
            }
        }
        return globs;
    }

    /** Its value, or the first of those known. */
    String oneOf(String key, String... values) {
        String value = text(key);
        if (Arrays.asList(values).contains(value)) {
            return value;
        }
        mistakes.add(
                key + ": '" + value + "' is not known here; write " + String.join(" or ", values));
        return values[0];
    }

    Endpoint endpoint() {
        return new Endpoint(
                uri("adapter.endpoint", "adapter.path"),
                headers("adapter.headers"),
                file("adapter.token-file"),
                tls(),
                Compression.valueOf(
                        oneOf("adapter.compression", "auto", "zstd", "gzip", "none")
                                .toUpperCase(Locale.ROOT)),
                duration("adapter.connect-timeout"),
                duration("adapter.request-timeout"));
    }

    private URI uri(String baseKey, String pathKey) {
        String base = text(baseKey);
        String path = text(pathKey);
        if (!path.startsWith("/")) {
            mistakes.add(pathKey + ": '" + path + "' does not begin with a slash; write /v1/logs");
        }
        try {
            String joint = base.endsWith("/") ? base.substring(0, base.length() - 1) : base;
            URI uri = URI.create(joint + path);
            if (uri.getHost() != null
                    && ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))) {
                return uri;
            }
        } catch (IllegalArgumentException e) {
            // said below
        }
        mistakes.add(
                baseKey + ": '" + withoutSecrets(base) + "' is no address; write http://host:port");
        return URI.create("http://localhost/");
    }

    /**
     * What is no URL cannot be taken apart: what stands where a user or a query would is left out.
     */
    private static String withoutSecrets(String address) {
        return address.replaceFirst("^([a-z]*://)?.*@", "$1…@").replaceFirst("\\?.*", "?…");
    }

    /** As in OTEL_EXPORTER_OTLP_HEADERS: {@code name=value,name=value}, URL-encoded. */
    private Map<String, String> headers(String key) {
        Map<String, String> headers = new LinkedHashMap<>();
        for (String pair : list(key)) {
            int equals = pair.indexOf('=');
            String name = equals < 0 ? pair : pair.substring(0, equals).strip();
            String value = "";
            try {
                value = equals < 0 ? "" : decoded(pair.substring(equals + 1).strip());
            } catch (IllegalArgumentException e) {
                name = "";
            }
            // Field names and values of RFC 9110, section 5.
            if (equals < 0
                    || !name.matches("[!#$%&'*+.^_`|~0-9A-Za-z-]+")
                    || !value.matches("[\\x20-\\x7E\\t]*")) {
                // Not the value: it may be a secret.
                mistakes.add(
                        key
                                + ": an entry is no header; write name=value,name=value, values"
                                + " URL-encoded");
            } else {
                headers.put(name, value);
            }
        }
        return headers;
    }

    private static String decoded(String value) {
        return URLDecoder.decode(value.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    private Optional<Path> file(String key) {
        String value = text(key);
        return value.isEmpty() ? Optional.empty() : Optional.of(Path.of(value).toAbsolutePath());
    }

    private Tls.Files tls() {
        Tls.Files files =
                new Tls.Files(
                        file("adapter.tls.ca"),
                        file("adapter.tls.certificate"),
                        file("adapter.tls.key"));
        if (files.certificate().isPresent() != files.key().isPresent()) {
            mistakes.add(
                    "adapter.tls.certificate, adapter.tls.key: one is set without the other; name"
                            + " both files or neither");
        } else {
            Tls.mistake(files).ifPresent(m -> mistakes.add("adapter.tls: " + m));
        }
        return files;
    }

    /** A folder that can be written to: it is tried, as a full disk lets files be made. */
    Path directory(String key) {
        Path path = Path.of(text(key)).toAbsolutePath();
        try {
            Files.createDirectories(path);
            // Not a temporary file: its name would be the first to need randomness.
            Path tried = Files.createFile(path.resolve("writable." + System.nanoTime()));
            try {
                Files.writeString(tried, "yes");
            } finally {
                Files.delete(tried);
            }
        } catch (IOException e) {
            mistakes.add(
                    key
                            + ": cannot write to '"
                            + path
                            + "' ("
                            + reason(e)
                            + "); make room, mount it writable or name another folder");
        }
        return path;
    }

    /** Sees that a file can be written to; it is made if it is not there. */
    void writable(String key, Path path) {
        try {
            Files.createDirectories(path.getParent());
            Files.newOutputStream(path, StandardOpenOption.CREATE, StandardOpenOption.APPEND)
                    .close();
        } catch (IOException e) {
            mistakes.add(
                    key
                            + ": cannot write to '"
                            + path
                            + "' ("
                            + reason(e)
                            + "); name a file that this user may write");
        }
    }

    private static String reason(IOException e) {
        // The message of a FileSystemException without a reason is no more than a path.
        String reason = e instanceof FileSystemException f ? f.getReason() : e.getMessage();
        return reason == null ? e.getClass().getSimpleName() : reason;
    }

    ZoneId zone(String key) {
        String value = text(key);
        try {
            return ZoneId.of(value);
        } catch (DateTimeException e) {
            mistakes.add(key + ": '" + value + "' is no zone; write UTC or Europe/Berlin");
            return ZoneId.of("UTC");
        }
    }

    Charsets charsets(String key) {
        try {
            return new Charsets(list(key));
        } catch (IllegalArgumentException e) {
            mistakes.add(
                    key
                            + ": "
                            + e.getMessage()
                            + "; write UTF-8, UTF-16 or one of one byte a character, for all or"
                            + " as glob=charset");
            return new Charsets(List.of());
        }
    }

    Duration duration(String key) {
        String value = text(key);
        try {
            Duration duration = Duration.parse(value);
            if (!duration.isNegative() && !duration.isZero()) {
                return duration;
            }
        } catch (DateTimeException e) {
            // said below
        }
        mistakes.add(key + ": '" + value + "' is no time span; write PT5S for five seconds");
        return Duration.ofSeconds(1);
    }

    long bytes(String key) {
        String value = text(key);
        try {
            long number = Long.parseLong(value);
            if (number >= 0) {
                return number;
            }
        } catch (NumberFormatException e) {
            // said below
        }
        mistakes.add(key + ": '" + value + "' is no number of bytes; write 268435456 or 0");
        return 0;
    }

    int number(String key, int least, int most) {
        String value = text(key);
        try {
            int number = Integer.parseInt(value);
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            // said below
        }
        mistakes.add(key + ": '" + value + "' is out of range; write " + least + " to " + most);
        return least;
    }
}
