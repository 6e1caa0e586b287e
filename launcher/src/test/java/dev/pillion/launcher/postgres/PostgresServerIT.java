package dev.pillion.launcher.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pillion.launcher.certificates.CertificateAuthority;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.Properties;

class PostgresServerIT {

    @TempDir static Path folder;

    private static final Login OWNER = new Login("orders_owner", "s3cret'\"", "orderdesk");
    private static CertificateAuthority authority;
    private static Path trusted;
    private static PostgresServer server;

    @BeforeAll
    static void start() throws IOException {
        authority = CertificateAuthority.create("test CA", Clock.systemUTC());
        trusted = Files.writeString(folder.resolve("ca.pem"), authority.certificatePem());
        PostgresBinaries binaries = PostgresBinaries.unpack(Path.of("target/postgres"));
        server =
                PostgresServer.prepare(
                        binaries,
                        folder.resolve("server"),
                        0,
                        OWNER,
                        authority.issue("localhost", "127.0.0.1"));
        server.start();
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
        assertFalse(server.running());
    }

    @Test
    void letsTheOwnerInByVerifiedTlsAndScram() throws SQLException {
        try (Connection connection = connect(OWNER, "verify-full");
                Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery(
                                "select current_user, current_database(), ssl from pg_stat_ssl"
                                        + " where pid = pg_backend_pid()")) {
            assertTrue(row.next());
            assertEquals("orders_owner", row.getString(1));
            assertEquals("orderdesk", row.getString(2));
            assertTrue(row.getBoolean(3));
        }
    }

    @Test
    void keepsPasswordsAsScramVerifiers() throws SQLException {
        try (Connection connection = connect(server.superuser(), "verify-full");
                Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery(
                                "select count(*) from pg_authid where rolcanlogin and rolpassword not"
                                        + " like 'SCRAM-SHA-256$%'")) {
            assertTrue(row.next());
            assertEquals(0, row.getInt(1));
        }
    }

    @Test
    void refusesPlainConnections() {
        SQLException refused =
                assertThrows(SQLException.class, () -> connect(OWNER, "disable").close());
        assertTrue(refused.getMessage().contains("no encryption"), refused.getMessage());
    }

    @Test
    void refusesAWrongPassword() {
        Login wrong = new Login(OWNER.user(), "wrong", OWNER.database());
        SQLException refused =
                assertThrows(SQLException.class, () -> connect(wrong, "verify-full").close());
        assertEquals("28P01", refused.getSQLState());
    }

    @Test
    void keepsItsDataThroughStopAndKill() throws IOException, SQLException {
        execute("create table kept (n int); insert into kept values (1)");
        server.stop();
        server.start();
        execute("insert into kept values (2)");
        server.kill();
        server.start();
        try (Connection connection = connect(OWNER, "verify-full");
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select sum(n) from kept")) {
            assertTrue(row.next());
            assertEquals(3, row.getInt(1));
        }
    }

    @Test
    void presentsAnotherCertificateAfterARestart() throws IOException, SQLException {
        server.present(authority.issue(Duration.ofDays(-1), "localhost"));
        server.stop();
        server.start();
        SQLException expired =
                assertThrows(SQLException.class, () -> connect(OWNER, "verify-full").close());
        assertTrue(expired.getMessage().contains("SSL error"), expired.getMessage());
        server.present(authority.issue("localhost", "127.0.0.1"));
        server.stop();
        server.start();
        connect(OWNER, "verify-full").close();
    }

    private static void execute(String sql) throws SQLException {
        try (Connection connection = connect(OWNER, "verify-full");
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static Connection connect(Login login, String sslmode) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", login.user());
        properties.setProperty("password", login.password());
        properties.setProperty("sslmode", sslmode);
        properties.setProperty("sslrootcert", trusted.toString());
        return DriverManager.getConnection(
                "jdbc:postgresql://localhost:" + server.port() + "/" + login.database(),
                properties);
    }
}
