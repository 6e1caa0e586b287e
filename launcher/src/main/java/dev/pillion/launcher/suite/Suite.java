package dev.pillion.launcher.suite;

import dev.pillion.launcher.certificates.CertificateAuthority;
import dev.pillion.launcher.mount.FolderTree;
import dev.pillion.launcher.mount.Kubelet;
import dev.pillion.launcher.mount.MountedDirectory;
import dev.pillion.launcher.mount.Projection;
import dev.pillion.launcher.partner.PartnerService;
import dev.pillion.launcher.postgres.Login;
import dev.pillion.launcher.postgres.PostgresBinaries;
import dev.pillion.launcher.postgres.PostgresServer;
import dev.pillion.launcher.process.PortOwner;
import dev.pillion.launcher.process.ProcessLaunch;
import dev.pillion.launcher.process.RunningProcess;
import dev.pillion.launcher.process.ServiceProcess;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The whole suite on one machine: the outside world (two databases, a partner), the four services
 * as processes of their own, and ConfigMaps and Secrets mounted as kubelet mounts them.
 *
 * <p>Everything is kept below one folder, and a second start on it goes on with what is there.
 * Ended by {@link #close}, in the reverse order of starting; that may be called from another thread
 * while {@link #start} is still at work, which then ends with an exception.
 */
public final class Suite implements AutoCloseable {

    /** Marks every service's process with the folder it belongs to. */
    private static final String FOLDER_PROPERTY = "pillion.up";

    /** What the downward API would tell a helper of its pod, as OpenTelemetry names it. */
    private static final Map<String, String> ENVIRONMENT =
            Map.of("OTEL_SERVICE_NAME", "legacy-app");

    private static final String OWNER = "orders_owner";
    private static final String DATABASE = "orderdesk";
    private static final int SECRET_BYTES = 18;
    private static final Duration STOP_DEADLINE = Duration.ofSeconds(20);

    private final Path checkout;
    private final Path folder;
    private final Ports ports;
    private final Progress progress;

    // Guarded by this.
    private final Deque<AutoCloseable> started = new ArrayDeque<>();
    private boolean closed;

    private PostgresServer ordersDb;
    private PostgresServer ordersDbGreen;
    private PartnerService partner;
    private ServiceProcess central;
    private ServiceProcess ambassador;
    private ServiceProcess adapter;
    private ServiceProcess exporter;
    private ServiceProcess app;

    /**
     * A suite that does not run yet.
     *
     * @param checkout the project's folder, built
     * @param folder where all data is kept; created if absent
     * @param ports where everything listens
     * @param progress is told each step of the start
     */
    public Suite(Path checkout, Path folder, Ports ports, Progress progress) {
        this.checkout = checkout.toAbsolutePath().normalize();
        this.folder = folder.toAbsolutePath().normalize();
        this.ports = ports;
        this.progress = progress;
    }

    /**
     * Starts everything, outside first, and waits until each part is ready.
     *
     * @throws IOException if a port is taken, a part does not start, the disk refuses, or the suite
     *     was closed meanwhile; what was started runs until {@link #close}
     */
    public void start() throws IOException {
        own(FolderLock.take(folder));
        stopLeftovers(folder);
        requireFreePorts();
        for (String part :
                List.of("output", "app-logs", "adapter-state", "exporter-state", "central-data")) {
            Files.createDirectories(folder.resolve(part));
        }
        startOutside();
        progress.step("log-central", () -> central = startCentral());
        progress.step("ambassador-proxy", () -> ambassador = startAmbassador());
        progress.step("log-adapter", () -> adapter = startAdapter());
        progress.step("log-exporter", () -> exporter = startExporter());
        progress.step("legacy-app", () -> app = startApp());
    }

    private void startOutside() throws IOException {
        CertificateAuthority authority =
                CertificateAuthority.create("Pillion demonstration CA", Clock.systemUTC());
        String password = keepOrCreate(secrets().resolve("route.orders-db.password"));
        String key =
                keepOrCreate(
                        secrets().resolve("route.partner.header." + PartnerService.KEY_HEADER));
        keepOrWrite(secrets().resolve("route.orders-db.user"), OWNER);
        Login owner = new Login(OWNER, password, DATABASE);
        progress.step(
                "orders-db",
                () -> {
                    PostgresBinaries binaries =
                            PostgresBinaries.unpack(folder.resolve("postgres/binaries"));
                    ordersDb =
                            startDatabase(
                                    binaries, "orders-db", ports.ordersDb(), owner, authority);
                    ordersDbGreen =
                            startDatabase(
                                    binaries,
                                    "orders-db-green",
                                    ports.ordersDbGreen(),
                                    owner,
                                    authority);
                });
        progress.step(
                "partner",
                () -> {
                    partner =
                            PartnerService.start(
                                    ports.partner(),
                                    key,
                                    authority.issue("localhost"),
                                    Clock.systemUTC());
                    own(partner);
                });
        writeRoutes(authority);
        Kubelet kubelet =
                new Kubelet(
                        List.of(
                                new Projection(
                                        routes(),
                                        new MountedDirectory(mountedRoutes(), Clock.systemUTC())),
                                new Projection(
                                        secrets(),
                                        new MountedDirectory(
                                                mountedSecrets(), Clock.systemUTC()))));
        own(kubelet);
    }

    private PostgresServer startDatabase(
            PostgresBinaries binaries,
            String name,
            int port,
            Login owner,
            CertificateAuthority authority)
            throws IOException {
        PostgresServer server =
                PostgresServer.prepare(
                        binaries,
                        folder.resolve("postgres").resolve(name),
                        port,
                        owner,
                        authority.issue("localhost"));
        own(server);
        server.start();
        return server;
    }

    /** What a person changed stays; only the authority is a new one at every start. */
    private void writeRoutes(CertificateAuthority authority) throws IOException {
        Map<String, String> keys =
                Map.of(
                        "route.orders-db.protocol",
                        "postgres",
                        "route.orders-db.listen",
                        "127.0.0.1:" + Ports.APP_DATABASE,
                        "route.orders-db.upstream",
                        "localhost:" + ordersDb.port(),
                        "route.orders-db.database",
                        DATABASE,
                        "route.orders-db.tls",
                        "verify-full",
                        "route.partner.protocol",
                        "http",
                        "route.partner.listen",
                        "127.0.0.1:" + Ports.APP_PARTNER,
                        "route.partner.upstream",
                        "https://localhost:" + partner.port());
        for (Map.Entry<String, String> key : keys.entrySet()) {
            keepOrWrite(routes().resolve(key.getKey()), key.getValue());
        }
        for (String route : List.of("orders-db", "partner")) {
            Files.writeString(
                    routes().resolve("route." + route + ".tls.ca"), authority.certificatePem());
        }
    }

    private ServiceProcess startCentral() throws IOException {
        return startService(
                "log-central",
                "256m",
                ports.central(),
                "central.data-directory=" + folder.resolve("central-data"));
    }

    private ServiceProcess startAmbassador() throws IOException {
        return startService(
                "ambassador-proxy",
                "96m",
                ports.ambassador(),
                "ambassador.routes-directory=" + mountedRoutes(),
                "ambassador.secrets-directory=" + mountedSecrets());
    }

    private ServiceProcess startAdapter() throws IOException {
        return startService(
                "log-adapter",
                "96m",
                ports.adapter(),
                "adapter.include=" + appLogs() + "/*",
                "adapter.endpoint=http://localhost:" + ports.central(),
                "adapter.state-directory=" + folder.resolve("adapter-state"));
    }

    /** The same program as the adapter, in its other role. */
    private ServiceProcess startExporter() throws IOException {
        return startService(
                "log-exporter",
                "log-adapter",
                "64m",
                ports.exporter(),
                List.of(
                        "adapter.role=exporter",
                        "adapter.include=" + appLogs() + "/*",
                        "adapter.state-directory=" + folder.resolve("exporter-state")));
    }

    private ServiceProcess startApp() throws IOException {
        return startService("legacy-app", "160m", ports.app(), "app.log-directory=" + appLogs());
    }

    private ServiceProcess startService(String module, String heap, int port, String... properties)
            throws IOException {
        return startService(module, module, heap, port, List.of(properties));
    }

    private ServiceProcess startService(
            String name, String module, String heap, int port, List<String> properties)
            throws IOException {
        Path jar = checkout.resolve(module).resolve("target").resolve(module + ".jar");
        if (!Files.exists(jar)) {
            throw new IOException(jar + " is not there; build it with: mvn package -DskipTests");
        }
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(
                List.of(
                        "-Xmx" + heap,
                        "-Xss256k",
                        "-XX:+UseSerialGC",
                        "-XX:+UseCompactObjectHeaders",
                        "-D" + FOLDER_PROPERTY + "=" + folder,
                        "-Dserver.port=" + port));
        for (String property : properties) {
            command.add("-D" + property);
        }
        command.addAll(List.of("-jar", jar.toString()));
        ServiceProcess service =
                new ServiceProcess(
                        name,
                        new ProcessLaunch(command, ENVIRONMENT),
                        URI.create("http://localhost:" + port + "/health/ready"),
                        folder.resolve("output").resolve(name + ".log"));
        own(service);
        service.start();
        return service;
    }

    /**
     * Removes a suite's data, after stopping what a killed run left behind.
     *
     * @param folder a suite's data folder
     * @return whether there was one
     * @throws IOException if a suite runs on it
     */
    public static boolean clean(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return false;
        }
        try (FolderLock _ = FolderLock.take(folder)) {
            stopLeftovers(folder);
            FolderTree.delete(folder);
        }
        return true;
    }

    /** Stops services that an earlier run left behind because it was killed. */
    private static void stopLeftovers(Path folder) throws IOException {
        for (ProcessHandle leftover : processesOf(folder)) {
            leftover.destroy();
            try {
                leftover.onExit().get(STOP_DEADLINE.toSeconds(), TimeUnit.SECONDS);
            } catch (TimeoutException | ExecutionException e) {
                leftover.destroyForcibly();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
        PostgresServer.stopLeftovers(folder.resolve("postgres"));
    }

    /** The services that run on a folder, by their command lines. */
    private static List<ProcessHandle> processesOf(Path folder) {
        String mark = "-D" + FOLDER_PROPERTY + "=" + folder.toAbsolutePath().normalize() + " ";
        return ProcessHandle.allProcesses()
                .filter(process -> new RunningProcess(process.pid()).commandLine().contains(mark))
                .toList();
    }

    private void requireFreePorts() throws IOException {
        List<String> taken = new ArrayList<>();
        for (Map.Entry<Integer, String> port : ports.byNumber().entrySet()) {
            Optional<PortOwner> owner = PortOwner.of(port.getKey());
            owner.ifPresent(
                    holder ->
                            taken.add(
                                    "port %d (for %s) is taken by %s; stop that first"
                                            .formatted(
                                                    port.getKey(),
                                                    port.getValue(),
                                                    holder.description())));
        }
        if (!taken.isEmpty()) {
            throw new IOException(String.join("\n", taken));
        }
    }

    private static String keepOrCreate(Path file) throws IOException {
        byte[] random = new byte[SECRET_BYTES];
        new SecureRandom().nextBytes(random);
        return keepOrWrite(file, HexFormat.of().formatHex(random));
    }

    private static String keepOrWrite(Path file, String content) throws IOException {
        Files.createDirectories(file.getParent());
        if (!Files.exists(file)) {
            Files.writeString(file, content);
        }
        return Files.readString(file).strip();
    }

    /** The folder that is the ConfigMap of routes: a change here reaches the ambassador. */
    public Path routes() {
        return folder.resolve("configmaps/ambassador-routes");
    }

    /** The folder that is the Secret of credentials. */
    public Path secrets() {
        return folder.resolve("secrets/ambassador-credentials");
    }

    private Path mountedRoutes() {
        return folder.resolve("mounted/routes");
    }

    private Path mountedSecrets() {
        return folder.resolve("mounted/secrets");
    }

    /** Where the application writes its logs. */
    public Path appLogs() {
        return folder.resolve("app-logs");
    }

    /** Where everything listens. */
    public Ports ports() {
        return ports;
    }

    /** The database that the route points to at first. */
    public PostgresServer ordersDb() {
        return ordersDb;
    }

    /** The database to move to; same owner, same password, another server. */
    public PostgresServer ordersDbGreen() {
        return ordersDbGreen;
    }

    /** The partner. */
    public PartnerService partner() {
        return partner;
    }

    /** The process of log-central. */
    public ServiceProcess central() {
        return central;
    }

    /** The process of the ambassador. */
    public ServiceProcess ambassador() {
        return ambassador;
    }

    /** The process of the adapter. */
    public ServiceProcess adapter() {
        return adapter;
    }

    /** The process of the exporter. */
    public ServiceProcess exporter() {
        return exporter;
    }

    /** The process of the legacy application. */
    public ServiceProcess app() {
        return app;
    }

    private void own(AutoCloseable part) throws IOException {
        synchronized (this) {
            if (!closed) {
                started.push(part);
                return;
            }
        }
        closeQuietly(part);
        throw new IOException("stopped while starting");
    }

    /** Stops everything, the application first, the outside last. The folder stays. */
    @Override
    public void close() {
        while (true) {
            AutoCloseable part;
            synchronized (this) {
                closed = true;
                part = started.poll();
            }
            if (part == null) {
                return;
            }
            closeQuietly(part);
        }
    }

    private static void closeQuietly(AutoCloseable part) {
        try {
            part.close();
        } catch (Exception e) {
            System.err.println("not stopped cleanly: " + e.getMessage());
        }
    }
}
