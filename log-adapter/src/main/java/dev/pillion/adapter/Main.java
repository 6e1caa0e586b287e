package dev.pillion.adapter;

import dev.pillion.adapter.http.WatchedHttp1Provider;

import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.spi.ConfigProviderResolver;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;

/** Starts the service, or explains a file. */
public final class Main {

    private static final String HELP =
            """
            log-adapter: reads log files of any dialect and ships them as OpenTelemetry log records.

            java [-Dkey=value …] -jar log-adapter.jar
            java -jar log-adapter.jar explain [--otlp] [--zone Z] [--reference-time T] FILE

            Settings (system property, environment variable or file; default):
            """;

    private static final String ENDPOINTS =
            """
            Endpoints on server.port (8092):
              /                 preview: raw lines and what was made of them
              /files            JSON: each file, its dialect, offsets and lag
              /api/preview      JSON: lines of one file, raw and parsed (?id=…&limit=…)
              /health/live|ready|started, /metrics, /openapi
            """;

    private Main() {}

    public static void main(String[] args) throws IOException {
        if (args.length > 0) {
            System.exit(command(args));
        }
        // Checked here, before the container, so that a mistake is one line and not a stack trace.
        Config config = configuration();
        List<String> mistakes = new ArrayList<>(Settings.unknown(config.getPropertyNames()));
        String port = config.getOptionalValue("server.port", String.class).orElse("8092");
        try {
            Settings settings = Settings.read(key -> Service.raw(config, key));
            if (settings.exporting()
                    && config.getConfigValue("server.port").getSourceOrdinal() <= 100) {
                port = "8093";
                System.setProperty("server.port", port);
            }
        } catch (Settings.Mistakes e) {
            mistakes.addAll(e.lines());
        }
        if (!port.matches("\\d{1,5}") || Integer.parseInt(port) > 65_535) {
            mistakes.add("server.port: '" + port + "' is no port; write 1 to 65535");
        }
        if (!mistakes.isEmpty()) {
            mistakes.forEach(System.err::println);
            System.exit(1);
        }
        String host = config.getOptionalValue("server.host", String.class).orElse("0.0.0.0");
        try (ServerSocket probe = new ServerSocket()) {
            probe.setReuseAddress(true);
            probe.bind(new InetSocketAddress(host, Integer.parseInt(port)));
        } catch (IOException e) {
            System.err.println(
                    "server.port: cannot listen on "
                            + host
                            + ":"
                            + port
                            + " ("
                            + e.getMessage()
                            + "); end what is there or set another port");
            System.exit(1);
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

    private static int command(String[] args) throws IOException {
        return switch (args[0]) {
            case "explain" -> Explain.run(args, System.out, System.err);
            case "--help", "-h", "help" -> {
                System.out.print(HELP);
                Settings.DEFAULTS.forEach(
                        (key, value) -> System.out.printf("  %-28s %s%n", key, value));
                System.out.printf("  %-28s %s%n%n", "server.port", "8092");
                System.out.print(ENDPOINTS);
                yield 0;
            }
            case "--version" -> {
                String version = Main.class.getPackage().getImplementationVersion();
                System.out.println("log-adapter " + (version == null ? "(not packed)" : version));
                yield 0;
            }
            default -> {
                System.err.println(
                        "log-adapter: unknown command '" + args[0] + "'; see log-adapter --help");
                yield 2;
            }
        };
    }
}
