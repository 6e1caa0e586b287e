package dev.pillion.legacy;

import org.eclipse.microprofile.config.Config;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * All that can be set. The database and the partner are not among it: they are compiled in.
 *
 * @param logDirectory the folder of the log files; created if absent
 * @param workloadInterval between two orders of the built-in customers; zero: none
 * @param batchInterval between two runs of the nightly batch; zero: none
 * @param dateInterval between two lines of {@code date.log}; zero: none
 */
public record Settings(
        Path logDirectory,
        Duration workloadInterval,
        Duration batchInterval,
        Duration dateInterval) {

    /** Each key and its default. */
    static final Map<String, String> DEFAULTS =
            Map.of(
                    "app.log-directory", "/var/log/app",
                    "app.workload.interval", "PT2S",
                    "app.batch.interval", "PT1M",
                    "app.date.interval", "PT5S");

    /** One or more settings that cannot be used, a line each. */
    public static final class Wrong extends Exception {
        private final List<String> lines;

        Wrong(List<String> lines) {
            super(String.join("; ", lines));
            this.lines = List.copyOf(lines);
        }

        /** Returns one line a mistake: key, value, what to write instead. */
        public List<String> lines() {
            return lines;
        }
    }

    /**
     * Reads and checks all settings.
     *
     * @throws Wrong naming every mistake at once
     */
    public static Settings read(Config config) throws Wrong {
        return read(key -> config.getOptionalValue(key, String.class));
    }

    static Settings read(Function<String, Optional<String>> source) throws Wrong {
        Map<String, String> values = new TreeMap<>();
        DEFAULTS.forEach((key, value) -> values.put(key, source.apply(key).orElse(value).strip()));
        List<String> wrong = new ArrayList<>();
        Settings settings =
                new Settings(
                        folder(values, "app.log-directory", wrong),
                        interval(values, "app.workload.interval", wrong),
                        interval(values, "app.batch.interval", wrong),
                        interval(values, "app.date.interval", wrong));
        if (!wrong.isEmpty()) {
            throw new Wrong(wrong);
        }
        return settings;
    }

    private static Path folder(Map<String, String> values, String key, List<String> wrong) {
        try {
            return Path.of(values.get(key)).toAbsolutePath();
        } catch (InvalidPathException e) {
            wrong.add(key + ": '" + values.get(key) + "' is no path; write a folder's path");
            return Path.of("/");
        }
    }

    private static Duration interval(Map<String, String> values, String key, List<String> wrong) {
        String value = values.get(key);
        try {
            Duration duration = Duration.parse(value);
            if (!duration.isNegative()) {
                return duration;
            }
            wrong.add(key + ": '" + value + "' is negative; write PT0S to switch it off");
        } catch (DateTimeParseException e) {
            wrong.add(
                    key
                            + ": '"
                            + value
                            + "' is no ISO 8601 duration; write for example "
                            + DEFAULTS.get(key));
        }
        return Duration.ZERO;
    }
}
