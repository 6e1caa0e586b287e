package dev.pillion.ambassador;

import static dev.pillion.ambassador.Patience.await;

import static org.junit.jupiter.api.Assertions.assertTrue;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.pillion.launcher.certificates.CertificateAuthority;
import dev.pillion.launcher.postgres.Login;
import dev.pillion.launcher.postgres.PostgresBinaries;
import dev.pillion.launcher.postgres.PostgresServer;
import dev.pillion.launcher.process.FreePort;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The program as it is shipped, in a process and a heap of its own, before a PostgreSQL. */
abstract class ShippedAmbassador {

    @TempDir static Path outside;
    @TempDir Path folder;

    private static final Login OWNER = new Login("orders_owner", "s3cret", "orders");

    /** What the image gives it. */
    private static final String HEAP = "-Xmx48m";

    final int port = FreePort.choose();
    final int partner = FreePort.choose();
    final int admin = FreePort.choose();
    private static CertificateAuthority authority;
    static PostgresServer server;
    private final HttpClient client = HttpClient.newHttpClient();
    Process ambassador;

    ShippedAmbassador() throws IOException {}

    @BeforeAll
    static void startTheServer() throws Exception {
        authority = CertificateAuthority.create("test CA", Clock.systemUTC());
        server =
                PostgresServer.prepare(
                        PostgresBinaries.unpack(Path.of("target/postgres")),
                        outside.resolve("server"),
                        0,
                        OWNER,
                        authority.issue("database"));
        server.start();
    }

    @AfterAll
    static void stopTheServer() throws IOException {
        server.close();
    }

    @BeforeEach
    void start() throws Exception {
        database("127.0.0.1");
        Path routes = Files.createDirectories(folder.resolve("routes"));
        for (Map.Entry<String, String> key :
                Map.of(
                                "protocol",
                                "postgres",
                                "listen",
                                "" + port,
                                "upstream",
                                "database:" + server.port(),
                                "tls.ca",
                                authority.certificatePem(),
                                "user",
                                OWNER.user(),
                                "password",
                                OWNER.password())
                        .entrySet()) {
            Files.writeString(routes.resolve("route.db." + key.getKey()), key.getValue());
        }
        Files.writeString(routes.resolve("route.partner.protocol"), "http");
        Files.writeString(routes.resolve("route.partner.listen"), "" + partner);
        Files.writeString(routes.resolve("route.partner.upstream"), "http://127.0.0.1:1");
        launch();
        await(
                () -> {
                    assertTrue(ambassador.isAlive(), said());
                    return ready() == 200;
                });
    }

    void launch() throws IOException {
        ambassador =
                new ProcessBuilder(command(List.of(HEAP, "-Dserver.port=" + admin), List.of()))
                        .redirectErrorStream(true)
                        .redirectOutput(folder.resolve("said").toFile())
                        .start();
    }

    @AfterEach
    void stop() throws InterruptedException {
        ambassador.destroyForcibly().waitFor();
    }

    void database(String address) throws IOException {
        Files.writeString(
                folder.resolve("hosts"), "127.0.0.1 localhost\n" + address + " database\n");
    }

    /** The status of the readiness check; 0 if nobody answers. */
    int ready() throws InterruptedException {
        URI check = URI.create("http://localhost:" + admin + "/health/ready");
        try {
            return client.send(
                            HttpRequest.newBuilder(check).timeout(Duration.ofSeconds(10)).build(),
                            HttpResponse.BodyHandlers.discarding())
                    .statusCode();
        } catch (IOException notYet) {
            return 0;
        }
    }

    Connection connect() throws SQLException {
        return DriverManager.getConnection(
                "jdbc:postgresql://localhost:" + port + "/orders?socketTimeout=20",
                "legacy",
                "legacy");
    }

    List<String> command(List<String> options, List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-Dambassador.routes-directory=" + folder.resolve("routes"));
        command.add("-Dambassador.secrets-directory=" + folder.resolve("none"));
        command.add("-Dambassador.drain-idle=300ms");
        command.add("-Djdk.net.hosts.file=" + folder.resolve("hosts"));
        command.addAll(options);
        command.addAll(List.of("-jar", "target/ambassador-proxy.jar"));
        command.addAll(arguments);
        return command;
    }

    String said() throws IOException {
        return Files.readString(folder.resolve("said"), UTF_8);
    }
}
