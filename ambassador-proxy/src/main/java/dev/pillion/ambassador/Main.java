package dev.pillion.ambassador;

import dev.pillion.ambassador.admin.Doctor;
import dev.pillion.ambassador.admin.Running;
import dev.pillion.ambassador.http.WatchedHttp1Provider;
import dev.pillion.ambassador.listen.Listeners;
import dev.pillion.ambassador.routes.RouteKey;
import dev.pillion.ambassador.settings.Mistake;
import dev.pillion.ambassador.settings.MountedSettings;
import dev.pillion.ambassador.settings.ProcessSettings;

import io.helidon.common.Weight;
import io.helidon.logging.common.LogConfig;
import io.helidon.microprofile.server.Server;
import io.helidon.spi.HelidonShutdownHandler;

import org.eclipse.microprofile.config.Config;

import java.io.IOException;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;

/**
 * Starts the ambassador: routes first, the admin socket after them. What is wrong is said in a line
 * each on standard error, and the exit code is not 0.
 */
public final class Main {

    private static final int EXIT_WRONG_SETTINGS = 2;
    private static final int EXIT_CANNOT_START = 1;

    /** Whether what ends the process now is a start that failed, not a signal. */
    private static volatile boolean failed;

    private Main() {}

    /** See {@code --help}. */
    public static void main(String[] args) {
        List<String> arguments = List.of(args);
        if (arguments.contains("--help") || arguments.contains("-h")) {
            help(System.out);
        } else if (arguments.contains("--version")) {
            System.out.println("ambassador-proxy " + version());
        } else if (arguments.equals(List.of("doctor"))) {
            System.exit(
                    new Doctor(System.out, Clock.systemUTC()).examine(settings(configuration()))
                            ? 0
                            : EXIT_CANNOT_START);
        } else if (arguments.isEmpty()) {
            start();
        } else {
            System.err.println(
                    "ambassador-proxy: '"
                            + String.join(" ", arguments)
                            + "' is not known; see --help");
            System.exit(EXIT_WRONG_SETTINGS);
        }
    }

    private static void start() {
        // A name that moved is asked for again soon; the JDK would keep it for 30 seconds.
        java.security.Security.setProperty("networkaddress.cache.ttl", "5");
        java.security.Security.setProperty("networkaddress.cache.negative.ttl", "1");
        WatchedHttp1Provider.standForHelidons();
        Config config = configuration();
        ProcessSettings settings = settings(config);
        try {
            Ambassador ambassador = new Ambassador(settings);
            LogToTheEnd.keep();
            io.helidon.Main.addShutdownHandler(new End(ambassador));
            portIsFree(settings.port());
            List<Mistake> mistakes = ambassador.start();
            failed = !mistakes.isEmpty();
            endIfAny(mistakes, EXIT_WRONG_SETTINGS);
            Running.set(ambassador);
            Server.builder().config(config).build().start();
        } catch (IOException | RuntimeException cannotStart) {
            System.err.println("ambassador-proxy: cannot start: " + cannotStart.getMessage());
            failed = true;
            System.exit(EXIT_CANNOT_START);
        }
    }

    /**
     * What SIGTERM does. It comes before Helidon's own end, which has a weight of 200: the admin
     * socket answers while sessions finish, and a container that is still starting is not waited
     * for. The JVM's own exit code would be 143, by which a Job whose containers have to succeed
     * would count as failed.
     */
    @Weight(300)
    private record End(Ambassador ambassador) implements HelidonShutdownHandler {

        @Override
        public void shutdown() {
            ambassador.close();
            if (!failed) {
                Runtime.getRuntime().halt(0);
            }
        }
    }

    private static Config configuration() {
        LogConfig.configureRuntime();
        HelidonServices.register();
        return MountedSettings.withoutMounts();
    }

    private static ProcessSettings settings(Config config) {
        List<Mistake> mistakes = new ArrayList<>();
        ProcessSettings settings =
                ProcessSettings.parse(key -> MountedSettings.raw(config, key), mistakes);
        ProcessSettings.refuseUnknown(config.getPropertyNames(), mistakes);
        endIfAny(mistakes, EXIT_WRONG_SETTINGS);
        return settings;
    }

    private static void portIsFree(int port) throws IOException {
        try {
            Listeners.bindForAMoment(new InetSocketAddress(port));
        } catch (IOException taken) {
            throw new IOException(
                    "server.port: '"
                            + port
                            + "' cannot be bound ("
                            + taken.getMessage()
                            + "); stop what uses the port, or set server.port to another",
                    taken);
        }
    }

    private static void endIfAny(List<Mistake> mistakes, int code) {
        if (!mistakes.isEmpty()) {
            mistakes.forEach(mistake -> System.err.println(mistake.line()));
            System.exit(code);
        }
    }

    private static String version() {
        String version = Main.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }

    private static void help(PrintStream out) {
        out.println(
                """
                ambassador-proxy: speaks to the outside for the application beside it.
                It listens on localhost, and logs in at the real database or endpoint with the
                credentials of a mounted Secret, over verified TLS.

                  java -jar ambassador-proxy.jar            serve
                  java -jar ambassador-proxy.jar doctor     try each route step by step
                  java -jar ambassador-proxy.jar --version

                Settings (system property or environment), with their defaults:\
                """);
        for (ProcessSettings.Key key : ProcessSettings.KEYS) {
            out.printf("  %-30s %-24s %s%n", key.name(), key.defaultValue(), key.meaning());
        }
        out.println(
                """

                Keys of a route: files in the routes or secrets directory, or properties:\
                """);
        for (RouteKey key : RouteKey.values()) {
            out.printf(
                    "  %-30s %-24s %s%n",
                    "route.<name>." + key.text() + (key == RouteKey.HEADER ? "<Header>" : ""),
                    key.defaultValue(),
                    String.join(
                            ", ", key.protocols().stream().map(p -> p.text()).sorted().toList()));
        }
        out.println(
                """

                Endpoints on server.port: / (page)  /routes  /health  /metrics  /openapi\
                """);
    }
}
