package dev.pillion.legacy;

import dev.pillion.legacy.logging.LogFiles;

import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.ConfigProvider;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;

/**
 * Starts the order desk: reads the settings, opens the log files, then hands over to the container.
 * Whatever is wrong at this point is one line on standard error and an exit code, never a stack
 * trace.
 *
 * @see Running the parts, in the order in which they start and stop
 */
public final class Main {

    /** Exit code for a setting or a place that is wrong. */
    static final int EXIT_SETTINGS = 2;

    /** Exit code for a port that is taken. */
    static final int EXIT_PORT = 3;

    private Main() {}

    public static void main(String[] args) {
        if (args.length > 0) {
            System.exit(answer(args[0], System.out, System.err));
        }
        Config config = ConfigProvider.getConfig();
        try {
            Settings settings = Settings.read(config);
            checkPort(config);
            LogFiles.open(settings.logDirectory());
        } catch (Settings.Wrong wrong) {
            wrong.lines().forEach(System.err::println);
            System.exit(EXIT_SETTINGS);
        } catch (LogFiles.CannotWrite cannot) {
            System.err.println(cannot.getMessage());
            System.exit(EXIT_SETTINGS);
        }
        io.helidon.Main.main(args);
    }

    /**
     * Binds the port and lets it go again: the container logs a trace for a port that is taken, and
     * ends with exit code 0.
     */
    private static void checkPort(Config config) {
        String host = config.getValue("server.host", String.class);
        int port = config.getValue("server.port", Integer.class);
        try (ServerSocket probe = new ServerSocket()) {
            probe.bind(new InetSocketAddress(host, port));
        } catch (IOException | IllegalArgumentException e) {
            System.err.println(
                    "server.port: "
                            + port
                            + " cannot be had on "
                            + host
                            + " ("
                            + e.getMessage()
                            + "); set SERVER_PORT to a free port");
            System.exit(EXIT_PORT);
        }
    }

    private static int answer(String argument, PrintStream out, PrintStream err) {
        switch (argument) {
            case "--help", "-h" -> out.print(help());
            case "--version" -> out.println("legacy-app " + version());
            default -> {
                err.println(
                        "legacy-app: unknown argument '"
                                + argument
                                + "'; it takes --help or --version, all else is configuration");
                return EXIT_SETTINGS;
            }
        }
        return 0;
    }

    private static String help() {
        try (InputStream text = Main.class.getResourceAsStream("/help.txt")) {
            return new String(text.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String version() {
        String version = Main.class.getPackage().getImplementationVersion();
        return version == null ? "(not packaged)" : version;
    }
}
