package dev.pillion.launcher.postgres;

import dev.pillion.launcher.certificates.ServerCertificate;
import dev.pillion.launcher.mount.FolderTree;
import dev.pillion.launcher.process.FreePort;
import dev.pillion.launcher.process.ProcessLaunch;
import dev.pillion.launcher.process.RunningProcess;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A real PostgreSQL that lets nobody in but by SCRAM-SHA-256 inside TLS: the database outside of
 * the pod. Its data outlives the process; starting on the same folder serves the same data.
 *
 * <p>PostgreSQL refuses to run as root. A root user's server runs inside a new user namespace
 * ({@code unshare -U}), where the same user has no privileges and still owns the files.
 *
 * <p>Used by one thread; {@link #close} may come from another. One that a killed process left
 * behind is stopped by the next start on its folder.
 */
public final class PostgresServer implements AutoCloseable {

    private static final Duration START_DEADLINE = Duration.ofSeconds(60);
    private static final Duration STOP_DEADLINE = Duration.ofSeconds(20);
    private static final Duration POLL = Duration.ofMillis(20);
    private static final String DATA = "data";
    private static final String SUPERUSER = "postgres";

    private final PostgresBinaries binaries;
    private final Path folder;
    private final Login owner;
    private final int port;

    // Guarded by this.
    private Process process;
    private boolean closed;

    private PostgresServer(PostgresBinaries binaries, Path folder, Login owner, int port) {
        this.binaries = binaries;
        this.folder = folder.toAbsolutePath();
        this.owner = owner;
        this.port = port;
    }

    /**
     * A server about to be started. A new folder is initialised with the owner and its database; on
     * an old one they are what they were.
     *
     * @param binaries the programs
     * @param folder holds data, certificate and the server's log; created if absent
     * @param port TCP port on localhost, 0 for any free one
     * @param owner role and database to create in a new folder
     * @param certificate what the server presents; replaced at every start
     * @throws IOException if the folder cannot be initialised; the message ends with what {@code
     *     initdb} printed
     */
    public static PostgresServer prepare(
            PostgresBinaries binaries,
            Path folder,
            int port,
            Login owner,
            ServerCertificate certificate)
            throws IOException {
        Files.createDirectories(folder);
        int chosen = port == 0 ? FreePort.choose() : port;
        PostgresServer server = new PostgresServer(binaries, folder, owner, chosen);
        stopLeftover(server.data());
        if (!Files.exists(server.initialised())) {
            server.initialise();
        }
        server.present(certificate);
        return server;
    }

    /** The TCP port on localhost. */
    public int port() {
        return port;
    }

    /** The role that owns the database, as this server was started with. */
    public Login owner() {
        return owner;
    }

    /** The superuser, who may log in as everybody does: by TLS and password. */
    public Login superuser() {
        try {
            String password = Files.readString(initialised(), StandardCharsets.UTF_8);
            return new Login(SUPERUSER, password, SUPERUSER);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether the server's process is alive. */
    public synchronized boolean running() {
        return process != null && process.isAlive();
    }

    /** Replaces the certificate; the next {@link #start} presents it. */
    public void present(ServerCertificate certificate) throws IOException {
        writePrivately(folder.resolve("server.crt"), certificate.certificatePem());
        writePrivately(folder.resolve("server.key"), certificate.privateKeyPem());
    }

    /**
     * Starts the server, for the first time or again after {@link #stop} or {@link #kill}, on the
     * same port, and waits until it accepts logins.
     *
     * @throws IOException if it does not within a minute, or is closed; the message ends with its
     *     log
     */
    public void start() throws IOException {
        if (running()) {
            return;
        }
        Path log = log();
        launch(log);
        awaitReady(log);
    }

    private synchronized void launch(Path log) throws IOException {
        if (closed) {
            throw new IOException("closed");
        }
        process =
                new ProcessLaunch(
                                asOrdinaryUser(
                                        binaries.program("postgres").toString(),
                                        "-D",
                                        data().toString(),
                                        "-c",
                                        "port=" + port,
                                        "-c",
                                        "listen_addresses=localhost",
                                        "-c",
                                        "unix_socket_directories=",
                                        "-c",
                                        "ssl=on",
                                        "-c",
                                        "ssl_cert_file=" + folder.resolve("server.crt"),
                                        "-c",
                                        "ssl_key_file=" + folder.resolve("server.key"),
                                        "-c",
                                        "hba_file=" + folder.resolve("pg_hba.conf"),
                                        "-c",
                                        "password_encryption=scram-sha-256"))
                        .start(log);
    }

    /** Stops the server as an administrator would: sessions are ended, data is written. */
    public void stop() throws IOException {
        if (!running()) {
            return;
        }
        // SIGINT is PostgreSQL's fast shutdown; SIGTERM would wait for the clients to leave.
        new RunningProcess(current().pid()).signal("INT");
        if (!exited(current(), STOP_DEADLINE)) {
            kill();
        }
    }

    /** Ends the server as a crash would; its data is recovered at the next start. */
    public void kill() {
        if (running()) {
            Process killed = current();
            killed.destroyForcibly();
            killed.descendants().forEach(ProcessHandle::destroyForcibly);
            exited(killed, STOP_DEADLINE);
        }
    }

    /** Stops the server; the folder stays. */
    @Override
    public void close() throws IOException {
        synchronized (this) {
            closed = true;
        }
        stop();
    }

    private synchronized Process current() {
        return process;
    }

    private Path data() {
        return folder.resolve(DATA);
    }

    /** Written last by {@link #initialise}, so that a half-made folder is made anew. */
    private Path initialised() {
        return folder.resolve("superuser.password");
    }

    private Path log() {
        return folder.resolve("postgres.log");
    }

    private void initialise() throws IOException {
        FolderTree.delete(data());
        byte[] random = new byte[24];
        new SecureRandom().nextBytes(random);
        String superuserPassword = HexFormat.of().formatHex(random);
        // Nobody logs in by initdb's own pg_hba.conf: ours replaces it before the first start.
        run(
                "",
                binaries.program("initdb").toString(),
                "-D",
                data().toString(),
                "-U",
                SUPERUSER,
                "-E",
                "UTF8",
                "--locale=C",
                "--auth=reject",
                "--no-sync",
                "--no-instructions");
        Files.writeString(
                folder.resolve("pg_hba.conf"),
                """
                # TYPE  DATABASE     USER  ADDRESS       METHOD
                hostssl all          all   127.0.0.1/32  scram-sha-256
                hostssl all          all   ::1/128       scram-sha-256
                hostssl replication  all   127.0.0.1/32  scram-sha-256
                hostssl replication  all   ::1/128       scram-sha-256
                """);
        // Single-user mode: no password travels, none is in an argument list. A command a line.
        run(
                "ALTER ROLE %s PASSWORD %s;\n".formatted(SUPERUSER, literal(superuserPassword))
                        + "CREATE ROLE %s LOGIN PASSWORD %s;\n"
                                .formatted(identifier(owner.user()), literal(owner.password()))
                        + "CREATE DATABASE %s OWNER %s;\n"
                                .formatted(identifier(owner.database()), identifier(owner.user())),
                binaries.program("postgres").toString(),
                "--single",
                "-D",
                data().toString(),
                "-c",
                "password_encryption=scram-sha-256",
                "-c",
                "exit_on_error=on",
                SUPERUSER);
        writePrivately(initialised(), superuserPassword);
    }

    private void run(String input, String... command) throws IOException {
        Path output = folder.resolve("initialise.log");
        Process run = new ProcessLaunch(asOrdinaryUser(command)).start(output);
        run.outputWriter(StandardCharsets.UTF_8).append(input).close();
        if (!exited(run, START_DEADLINE) || run.exitValue() != 0) {
            run.destroyForcibly();
            throw new IOException(
                    "%s failed:%n%s".formatted(command[0], ProcessLaunch.lastLines(output, 20)));
        }
    }

    /** Line 8 of {@code postmaster.pid} is the state that {@code pg_ctl -w} waits for. */
    private void awaitReady(Path log) throws IOException {
        Instant deadline = Instant.now().plus(START_DEADLINE);
        while (Instant.now().isBefore(deadline)) {
            List<String> state = postmaster(data());
            if (state.size() >= 8
                    && state.get(0).strip().equals(Long.toString(current().pid()))
                    && state.get(7).strip().equals("ready")) {
                return;
            }
            if (exited(current(), POLL)) {
                break;
            }
        }
        String reason = current().isAlive() ? "not ready after " + START_DEADLINE : "it ended";
        kill();
        throw new IOException(
                "PostgreSQL did not start on port %d: %s%n%s"
                        .formatted(port, reason, ProcessLaunch.lastLines(log, 20)));
    }

    private static List<String> postmaster(Path data) throws IOException {
        Path file = data.resolve("postmaster.pid");
        return Files.exists(file) ? Files.readAllLines(file) : List.of();
    }

    /**
     * Stops servers that an earlier, killed run left behind.
     *
     * @param parent holds one folder a server
     */
    public static void stopLeftovers(Path parent) throws IOException {
        if (!Files.isDirectory(parent)) {
            return;
        }
        try (Stream<Path> folders = Files.list(parent)) {
            for (Path folder : folders.toList()) {
                stopLeftover(folder.toAbsolutePath().resolve(DATA));
            }
        }
    }

    /** A server that an earlier, killed run of ours left behind on this folder. */
    private static void stopLeftover(Path data) throws IOException {
        List<String> state = postmaster(data);
        if (state.isEmpty()) {
            return;
        }
        Optional<ProcessHandle> leftover = ProcessHandle.of(Long.parseLong(state.get(0).strip()));
        if (leftover.isPresent()
                && new RunningProcess(leftover.get().pid())
                        .commandLine()
                        .contains(data.toString())) {
            new RunningProcess(leftover.get().pid()).signal("INT");
            leftover.get().onExit().orTimeout(STOP_DEADLINE.toSeconds(), TimeUnit.SECONDS).join();
        }
    }

    private static String[] asOrdinaryUser(String... command) throws IOException {
        if (!ProcessLaunch.isRoot()) {
            return command;
        }
        if (!ProcessLaunch.succeeds("unshare", "-U", "true")) {
            throw new IOException(
                    "PostgreSQL does not run as root, and this machine allows no user namespace;"
                            + " run as an ordinary user");
        }
        List<String> wrapped = new ArrayList<>(List.of("unshare", "-U"));
        wrapped.addAll(List.of(command));
        return wrapped.toArray(String[]::new);
    }

    private static boolean exited(Process process, Duration patience) {
        try {
            return process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return !process.isAlive();
        }
    }

    private static void writePrivately(Path file, String content) throws IOException {
        Files.deleteIfExists(file);
        Files.createFile(
                file,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(file, content);
    }

    private static String identifier(String name) {
        return "\"" + name.replace("\"", "\"\"") + "\"";
    }

    private static String literal(String text) {
        return "'" + text.replace("'", "''") + "'";
    }
}
