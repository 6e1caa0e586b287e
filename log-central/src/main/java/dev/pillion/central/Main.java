package dev.pillion.central;

import dev.pillion.central.access.Access;
import dev.pillion.central.admin.BackupService;
import dev.pillion.central.connect.WatchedHttp1Provider;

import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.ConfigProvider;
import org.eclipse.microprofile.config.spi.ConfigProviderResolver;

import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Starts the service: what a person did wrong is said here, in one line each and before anything
 * runs; then the container starts {@link Central}.
 */
public final class Main {

    private static final int WRONG_SETTINGS = 2;

    private Main() {}

    public static void main(String[] args) {
        for (String arg : args) {
            switch (arg) {
                case "--help", "-h" -> {
                    help(System.out);
                    return;
                }
                case "--version" -> {
                    System.out.println("log-central " + version());
                    return;
                }
                case "restore" -> {
                    restore();
                    return;
                }
                default -> {
                    System.err.println(
                            "log-central: '"
                                    + arg
                                    + "' is not an option; see --help. Settings are"
                                    + " given as -Dkey=value before -jar or in the environment.");
                    System.exit(WRONG_SETTINGS);
                }
            }
        }
        Config config = configuration();
        if (config.getOptionalValue("server.host", String.class).isEmpty()) {
            boolean pod = System.getenv("KUBERNETES_SERVICE_HOST") != null;
            System.setProperty("server.host", pod ? "0.0.0.0" : "127.0.0.1");
        }
        List<String> mistakes = mistakes(config);
        if (!mistakes.isEmpty()) {
            mistakes.forEach(mistake -> System.err.println("log-central: " + mistake));
            System.exit(WRONG_SETTINGS);
        }
        WatchedHttp1Provider.standForHelidons();
        io.helidon.Main.main(args);
    }

    /**
     * Properties, environment and the file in the jar. What Helidon calls meta configuration, files
     * that say where settings come from, is not looked for: that took a twelfth of the main
     * thread's time until ready.
     */
    private static Config configuration() {
        HelidonServices.register();
        ConfigProviderResolver resolver = ConfigProviderResolver.instance();
        Config config =
                resolver.getBuilder()
                        .addDefaultSources()
                        .addDiscoveredSources()
                        .addDiscoveredConverters()
                        .build();
        resolver.registerConfig(config, Thread.currentThread().getContextClassLoader());
        return config;
    }

    private static List<String> mistakes(Config config) {
        List<String> mistakes = new ArrayList<>(Settings.unknown(config.getPropertyNames()));
        try {
            Settings settings = Settings.read(key -> config.getOptionalValue(key, String.class));
            checkFolder(settings.dataDirectory()).ifPresent(mistakes::add);
            mistakes.addAll(Access.mistakes(settings.access(), host()));
            checkPort(config).ifPresent(mistakes::add);
        } catch (Settings.Wrong e) {
            mistakes.addAll(e.mistakes());
        }
        return mistakes;
    }

    private static Optional<String> checkFolder(Path folder) {
        try {
            Files.createDirectories(folder);
            // Not a temporary file: its name would be the first to need randomness.
            Files.delete(Files.createFile(folder.resolve("try." + System.nanoTime())));
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of(
                    "central.data-directory: '"
                            + folder
                            + "' cannot be written ("
                            + e.getClass().getSimpleName()
                            + "); give a folder that this user may write:"
                            + " -Dcentral.data-directory=…");
        }
    }

    /** As {@link #main} settled it, or as the environment or a file has it. */
    private static String host() {
        return ConfigProvider.getConfig().getValue("server.host", String.class);
    }

    private static Optional<String> checkPort(Config config) {
        int port = config.getOptionalValue("server.port", Integer.class).orElse(8094);
        String host = host();
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getByName(host), port));
            return Optional.empty();
        } catch (UnknownHostException e) {
            return Optional.of("server.host: '" + host + "' is not an address of this machine");
        } catch (IOException e) {
            return Optional.of(
                    "server.port: "
                            + port
                            + " on "
                            + host
                            + " cannot be opened ("
                            + e.getMessage()
                            + "); stop what uses it or choose another: -Dserver.port=…");
        }
    }

    /** Makes a data directory of the backup on standard input. */
    private static void restore() {
        try {
            Settings settings =
                    Settings.read(
                            key -> ConfigProvider.getConfig().getOptionalValue(key, String.class));
            int files = BackupService.restore(System.in, settings.dataDirectory());
            System.out.println(
                    "log-central: restored " + files + " files to " + settings.dataDirectory());
        } catch (Settings.Wrong e) {
            e.mistakes().forEach(mistake -> System.err.println("log-central: " + mistake));
            System.exit(WRONG_SETTINGS);
        } catch (IOException e) {
            System.err.println("log-central: restore: " + e.getMessage());
            System.exit(WRONG_SETTINGS);
        }
    }

    private static String version() {
        String version = Main.class.getPackage().getImplementationVersion();
        return version == null ? "unpackaged" : version;
    }

    private static void help(PrintStream out) {
        out.println("log-central " + version());
        out.println("Keeps the logs of a namespace: OTLP in, durable, searchable, with a viewer.");
        out.println();
        out.println(
                "  java -Dserver.port=8094 -Dcentral.data-directory=/tmp/logs -jar log-central.jar");
        out.println();
        out.println(
                "  java -Dcentral.data-directory=/tmp/new -jar log-central.jar restore < backup.tar");
        out.println();
        out.println("Settings (system property, environment variable, or file), with defaults:");
        for (Settings.Key key : Settings.KEYS) {
            out.printf("  %-36s %-22s %s%n", key.name(), key.byDefault(), key.meaning());
        }
        out.println();
        out.println("Endpoints:");
        out.println("  POST /v1/logs         OTLP/HTTP, protobuf or JSON, identity, gzip or zstd");
        out.println("  GET  /                the viewer");
        out.println("  GET  /api/logs        search: query, from, to, limit, cursor, direction");
        out.println("  GET  /api/histogram   counts over time: query, from, to, interval, by");
        out.println("  GET  /api/facets      values of fields: query, from, to, fields");
        out.println("  GET  /api/context     around a record: id, before, after");
        out.println("  GET  /api/tail        live, server-sent events: query, cursor");
        out.println("  GET  /api/sources     who sent records: from, to");
        out.println("  GET  /api/files       what is safe of files: id");
        out.println("  POST /api/session     a cookie for the token in the header Authorization");
        out.println("  GET  /api/sign-on     to the OpenID provider, and back with a cookie");
        out.println("  GET  /loki/api/v1/…   what Grafana's Explore asks of Loki");
        out.println("  GET  /health/live, /health/ready, /health/started, /metrics, /openapi");
    }
}
