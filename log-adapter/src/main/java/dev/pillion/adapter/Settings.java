package dev.pillion.adapter;

import dev.pillion.adapter.frame.Charsets;
import dev.pillion.adapter.ship.Endpoint;
import dev.pillion.adapter.tail.Descriptors;
import dev.pillion.adapter.tail.Globs;

import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * All settings of the adapter, checked. Made once at start from MicroProfile Config.
 *
 * @param include globs of the files to read
 * @param exclude globs of files to leave alone
 * @param endpoint where requests go
 * @param role what this process is
 * @param sink where records go
 * @param filePath the sink's file
 * @param fileTemplate what is written for a line, <code>${line}</code> being the line
 * @param stateDirectory where the checkpoint is kept
 * @param zone of stamps that name none
 * @param charsets which file is written in which charset
 * @param pollInterval how often folders and files are looked at
 * @param rescanInterval how often folders are listed where the file system tells of changes
 * @param quietTime after which a record that ends with its line counts as whole
 * @param partialLineTime after which a line without its end counts as whole
 * @param maxRecordBytes a longer record is split
 * @param batchBytes most bytes of a file that go into one request
 * @param batchRecords most records of one request
 * @param batchAge how long more may join a batch that is not full
 * @param workers how many files are shipped at the same time
 * @param retryInitial first pause after a failed request
 * @param retryMax longest pause between attempts
 * @param reconcileInterval how often the far end is asked what it has of each file
 * @param grace how long the end of the files is awaited at shut-down
 * @param maxFiles no more files than this are read
 * @param maxOpenFiles so many descriptors of files are held
 * @param metricsFiles so many files have metrics of their own
 * @param folderBytes what the folders may hold together; 0 if nobody knows
 * @param redact whether secrets are masked
 */
public record Settings(
        String role,
        String sink,
        Path filePath,
        String fileTemplate,
        List<String> include,
        List<String> exclude,
        Endpoint endpoint,
        Path stateDirectory,
        ZoneId zone,
        Charsets charsets,
        Duration pollInterval,
        Duration rescanInterval,
        Duration quietTime,
        Duration partialLineTime,
        int maxRecordBytes,
        int batchBytes,
        int batchRecords,
        Duration batchAge,
        int workers,
        Duration retryInitial,
        Duration retryMax,
        Duration reconcileInterval,
        Duration grace,
        int maxFiles,
        int maxOpenFiles,
        int metricsFiles,
        long folderBytes,
        boolean redact) {

    /** Every key with its default, in the order of the README. */
    public static final Map<String, String> DEFAULTS = defaults();

    public Settings {
        include = List.copyOf(include);
        exclude = List.copyOf(exclude);
    }

    /**
     * @param names of all properties that are set; those of others are theirs
     * @return a line for each of ours that is not known, which would change nothing unnoticed
     */
    static List<String> unknown(Iterable<String> names) {
        List<String> mistakes = new ArrayList<>();
        for (String name : names) {
            if (name.startsWith("adapter.") && !DEFAULTS.containsKey(name)) {
                mistakes.add(name + ": is not known; see --help");
            }
        }
        return mistakes;
    }

    /** Whether raw files are served, and nothing is sent elsewhere. */
    public boolean exporting() {
        return role.equals("exporter");
    }

    private static Map<String, String> defaults() {
        Map<String, String> map = new LinkedHashMap<>();
        map.put("adapter.role", "adapter");
        map.put("adapter.include", "/var/log/app/*");
        map.put("adapter.exclude", "*.gz,*.bz2,*.xz,*.zst,*.zip,*.lck,*.swp");
        map.put("adapter.endpoint", "http://localhost:8094");
        map.put("adapter.path", "/v1/logs");
        map.put("adapter.headers", "");
        map.put("adapter.token-file", "");
        map.put("adapter.tls.ca", "");
        map.put("adapter.tls.certificate", "");
        map.put("adapter.tls.key", "");
        map.put("adapter.compression", "auto");
        map.put("adapter.connect-timeout", "PT5S");
        map.put("adapter.request-timeout", "PT30S");
        map.put("adapter.state-directory", "/var/lib/log-adapter");
        map.put("adapter.sink", "otlp");
        map.put("adapter.file.path", "/var/log/adapter/out.log");
        map.put("adapter.file.template", "${line}");
        map.put("adapter.zone", "UTC");
        map.put("adapter.charset", "UTF-8");
        map.put("adapter.poll-interval", "PT0.02S");
        map.put("adapter.rescan-interval", "PT1S");
        map.put("adapter.quiet-time", "PT0.05S");
        map.put("adapter.partial-line-time", "PT5S");
        map.put("adapter.max-record-bytes", "1048576");
        map.put("adapter.batch-bytes", "1048576");
        map.put("adapter.batch-records", "10000");
        map.put("adapter.batch-age", "PT0.05S");
        map.put("adapter.workers", "2");
        map.put("adapter.retry.initial", "PT0.2S");
        map.put("adapter.retry.max", "PT30S");
        map.put("adapter.reconcile-interval", "PT30S");
        map.put("adapter.grace", "PT10S");
        map.put("adapter.max-files", "4096");
        map.put("adapter.max-open-files", "512");
        map.put("adapter.metrics.files", "100");
        map.put("adapter.folder-bytes", "0");
        map.put("adapter.redact", "true");
        return map;
    }

    /** Thrown with every mistake at once, one line each. */
    public static final class Mistakes extends Exception {
        private static final long serialVersionUID = 1;

        private final transient List<String> lines;

        Mistakes(List<String> lines) {
            super(String.join("\n", lines));
            this.lines = List.copyOf(lines);
        }

        /** One line a mistake. */
        public List<String> lines() {
            return lines;
        }
    }

    /**
     * @param config gives the value of a key, if it is set
     * @throws Mistakes if a value cannot be used
     */
    public static Settings read(Function<String, Optional<String>> config) throws Mistakes {
        SettingsReader reader = new SettingsReader(config);
        Settings settings =
                new Settings(
                        reader.oneOf("adapter.role", "adapter", "exporter"),
                        reader.oneOf("adapter.sink", "otlp", "stdout", "file"),
                        Path.of(reader.text("adapter.file.path")).toAbsolutePath(),
                        reader.text("adapter.file.template"),
                        reader.globs("adapter.include"),
                        reader.globs("adapter.exclude"),
                        reader.endpoint(),
                        reader.directory("adapter.state-directory"),
                        reader.zone("adapter.zone"),
                        reader.charsets("adapter.charset"),
                        reader.duration("adapter.poll-interval"),
                        reader.duration("adapter.rescan-interval"),
                        reader.duration("adapter.quiet-time"),
                        reader.duration("adapter.partial-line-time"),
                        reader.number("adapter.max-record-bytes", 1024, 16 << 20),
                        reader.number("adapter.batch-bytes", 4096, 64 << 20),
                        reader.number("adapter.batch-records", 1, 1_000_000),
                        reader.duration("adapter.batch-age"),
                        reader.number("adapter.workers", 1, 64),
                        reader.duration("adapter.retry.initial"),
                        reader.duration("adapter.retry.max"),
                        reader.duration("adapter.reconcile-interval"),
                        reader.duration("adapter.grace"),
                        reader.number("adapter.max-files", 1, 1_000_000),
                        reader.number("adapter.max-open-files", 8, 1_000_000),
                        reader.number("adapter.metrics.files", 0, 10_000),
                        reader.bytes("adapter.folder-bytes"),
                        Boolean.parseBoolean(reader.oneOf("adapter.redact", "true", "false")));
        if (reader.list("adapter.include").isEmpty()) {
            reader.mistakes.add("adapter.include: is empty; name at least one file or glob");
        }
        if (!settings.fileTemplate().contains("${line}")) {
            reader.mistakes.add(
                    "adapter.file.template: '"
                            + settings.fileTemplate()
                            + "' has no ${line}; write for example 'Date ${line}'");
        }
        if (settings.sink().equals("file")) {
            if (new Globs(settings.include(), settings.exclude()).names(settings.filePath())) {
                reader.mistakes.add(
                        "adapter.file.path: '"
                                + settings.filePath()
                                + "' is a file that adapter.include reads; name one outside of it");
            } else {
                reader.writable("adapter.file.path", settings.filePath());
            }
        }
        int fewest = settings.workers() + Descriptors.OTHERS;
        if (settings.maxOpenFiles() < fewest) {
            reader.mistakes.add(
                    "adapter.max-open-files: '"
                            + settings.maxOpenFiles()
                            + "' is too few for adapter.workers; write at least "
                            + fewest);
        }
        for (String glob : settings.include()) {
            if (!glob.startsWith("/")) {
                reader.mistakes.add(
                        "adapter.include: '" + glob + "' is relative; write the whole path");
            }
        }
        if (!reader.mistakes.isEmpty()) {
            throw new Mistakes(reader.mistakes);
        }
        return settings;
    }
}
