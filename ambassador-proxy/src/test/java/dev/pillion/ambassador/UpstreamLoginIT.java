package dev.pillion.ambassador;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pillion.launcher.certificates.CertificateAuthority;
import dev.pillion.launcher.postgres.Login;
import dev.pillion.launcher.postgres.PostgresBinaries;
import dev.pillion.launcher.postgres.PostgresServer;

import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.StringWriter;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.HashMap;
import java.util.Map;

/** Every way to log in at a real PostgreSQL 18, and what is refused. */
class UpstreamLoginIT {

    @TempDir static Path folder;

    private static final Login OWNER = new Login("scram_user", "s3cret", "orders");
    private static final Own CLIENT = Own.named("cert_user");
    private static CertificateAuthority authority;
    private static PostgresServer server;

    /** A self-signed certificate, as small as it may be. */
    private record Own(String certificate, String key) {
        static Own named(String name) {
            try {
                KeyPair pair = KeyPairGenerator.getInstance("EC").generateKeyPair();
                X500Name subject = new X500Name("CN=" + name);
                Instant now = Instant.now();
                return new Own(
                        pem(
                                new JcaX509v3CertificateBuilder(
                                                subject,
                                                BigInteger.ONE,
                                                Date.from(now.minus(Duration.ofHours(1))),
                                                Date.from(now.plus(Duration.ofHours(1))),
                                                subject,
                                                pair.getPublic())
                                        .build(
                                                new JcaContentSignerBuilder("SHA384withECDSA")
                                                        .build(pair.getPrivate()))),
                        pem(new JcaPKCS8Generator(pair.getPrivate(), null)));
            } catch (Exception impossible) {
                throw new AssertionError(impossible);
            }
        }

        private static String pem(Object object) throws IOException {
            StringWriter text = new StringWriter();
            try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
                writer.writeObject(object);
            }
            return text.toString();
        }
    }

    @BeforeAll
    static void startTheServer() throws Exception {
        authority = CertificateAuthority.create("test CA", Clock.systemUTC());
        Path home = folder.resolve("server");
        server =
                PostgresServer.prepare(
                        PostgresBinaries.unpack(Path.of("target/postgres")),
                        home,
                        0,
                        OWNER,
                        authority.issue("localhost"));
        server.start();
        Files.writeString(home.resolve("client-ca.pem"), CLIENT.certificate);
        try (Connection superuser = superuser();
                Statement statement = superuser.createStatement()) {
            statement.execute("set password_encryption = 'md5'");
            statement.execute("create role md5_user login password 'm5'");
            statement.execute("create role clear_user login password 'clear'");
            statement.execute("create role cert_user login");
            statement.execute(
                    "alter system set ssl_ca_file = '" + home.resolve("client-ca.pem") + "'");
            Files.writeString(
                    home.resolve("pg_hba.conf"),
                    """
                    hostssl all md5_user   all md5
                    hostssl all clear_user all password
                    hostssl all cert_user  all cert
                    hostssl all all        all scram-sha-256
                    """);
            statement.execute("select pg_reload_conf()");
        }
    }

    @AfterAll
    static void stopTheServer() throws IOException {
        server.close();
    }

    @Test
    void bindsTheLoginToTheServersCertificate() throws Exception {
        try (OneRoute route = route(Map.of("channel-binding", "require"));
                Connection connection = route.connect()) {
            assertEquals("scram_user TLSv1.3", who(connection));
        }
    }

    @Test
    void believesAnUnknownServerForThePasswordAloneWhereTheLoginIsBound() throws Exception {
        Map<String, String> noAuthority = new HashMap<>();
        noAuthority.put("tls.ca", Own.named("another CA").certificate);
        try (OneRoute route = route(noAuthority)) {
            assertEquals("08006", assertThrows(SQLException.class, route::connect).getSQLState());
        }
        noAuthority.put("tls", "require");
        noAuthority.put("channel-binding", "require");
        try (OneRoute route = route(noAuthority);
                Connection connection = route.connect()) {
            assertEquals("scram_user TLSv1.3", who(connection));
        }
    }

    @Test
    void verifiesTheAuthorityTheNameOrNeither() throws Exception {
        // The certificate is for localhost; dialled is its address.
        Map<String, String> address = new HashMap<>();
        address.put("upstream", "127.0.0.1:" + server.port());
        try (OneRoute route = route(address)) {
            SQLException refused = assertThrows(SQLException.class, route::connect);
            assertEquals("08006", refused.getSQLState());
            assertTrue(refused.getMessage().contains("TLS with 127.0.0.1"), refused.getMessage());
            assertEquals(1, route.counts().failures().get("tls").sum());
        }
        address.put("tls", "verify-ca");
        try (OneRoute route = route(address);
                Connection connection = route.connect()) {
            assertEquals("scram_user TLSv1.3", who(connection));
        }
        address.put("tls.ca", Own.named("another CA").certificate);
        try (OneRoute route = route(address)) {
            assertEquals("08006", assertThrows(SQLException.class, route::connect).getSQLState());
        }
        address.put("tls", "require");
        try (OneRoute route = route(address);
                Connection connection = route.connect()) {
            assertEquals("scram_user TLSv1.3", who(connection));
        }
    }

    @Test
    void beginsWithTheHandshakeWhereItIsToldTo() throws Exception {
        try (OneRoute route = route(Map.of("tls.negotiation", "direct"));
                Connection connection = route.connect();
                Statement statement = connection.createStatement()) {
            assertEquals("scram_user TLSv1.3", who(connection));
            statement.setQueryTimeout(1);
            SQLException ended =
                    assertThrows(
                            SQLException.class, () -> statement.execute("select pg_sleep(30)"));
            assertEquals("57014", ended.getSQLState());
        }
    }

    @Test
    void showsItsCertificateInPlaceOfAPassword() throws Exception {
        Map<String, String> keys = new HashMap<>();
        keys.put("user", "cert_user");
        keys.put("password", "");
        keys.put("tls.certificate", CLIENT.certificate);
        keys.put("tls.key", CLIENT.key);
        try (OneRoute route = route(keys);
                Connection connection = route.connect()) {
            assertEquals("cert_user TLSv1.3", who(connection));
        }
        Own stranger = Own.named("cert_user");
        keys.put("tls.certificate", stranger.certificate);
        keys.put("tls.key", stranger.key);
        keys.put("login-deadline", "300ms");
        try (OneRoute route = route(keys)) {
            SQLException refused = assertThrows(SQLException.class, route::connect);
            assertEquals("08006", refused.getSQLState(), refused.getMessage());
        }
    }

    @Test
    void saysSoWhenAPasswordIsAskedForAndThereIsNone() throws Exception {
        Map<String, String> keys = new HashMap<>();
        keys.put("password", "");
        keys.put("tls.certificate", CLIENT.certificate);
        keys.put("tls.key", CLIENT.key);
        try (OneRoute route = route(keys)) {
            SQLException refused = assertThrows(SQLException.class, route::connect);
            assertEquals("28000", refused.getSQLState());
            assertTrue(refused.getMessage().contains("route.db.password"), refused.getMessage());
        }
    }

    @Test
    void hashesByMd5OnlyIfAllowed() throws Exception {
        Map<String, String> keys = new HashMap<>(Map.of("user", "md5_user", "password", "m5"));
        try (OneRoute route = route(keys)) {
            SQLException refused = assertThrows(SQLException.class, route::connect);
            assertEquals("28000", refused.getSQLState());
            assertTrue(refused.getMessage().contains("route.db.allow-md5"), refused.getMessage());
        }
        keys.put("allow-md5", "true");
        try (OneRoute route = route(keys);
                Connection connection = route.connect()) {
            assertEquals("md5_user TLSv1.3", who(connection));
        }
        keys.put("password", "wrong");
        try (OneRoute route = route(keys)) {
            SQLException refused = assertThrows(SQLException.class, route::connect);
            assertEquals("28P01", refused.getSQLState());
            assertFalse(refused.getMessage().contains("md5_user"), refused.getMessage());
        }
    }

    @Test
    void sendsThePasswordInClearTextOnlyToAServerItHasVerified() throws Exception {
        Map<String, String> keys = new HashMap<>(Map.of("user", "clear_user", "password", "clear"));
        try (OneRoute route = route(keys);
                Connection connection = route.connect()) {
            assertEquals("clear_user TLSv1.3", who(connection));
        }
        keys.put("tls", "require");
        try (OneRoute route = route(keys)) {
            SQLException refused = assertThrows(SQLException.class, route::connect);
            assertEquals("28000", refused.getSQLState());
            assertTrue(refused.getMessage().contains("clear text"), refused.getMessage());
        }
        keys.put("tls", "verify-full");
        keys.put("channel-binding", "require");
        try (OneRoute route = route(keys)) {
            assertEquals("28000", assertThrows(SQLException.class, route::connect).getSQLState());
        }
    }

    private static OneRoute route(Map<String, String> changes) throws IOException {
        Map<String, String> keys = new HashMap<>();
        keys.put("upstream", "localhost:" + server.port());
        keys.put("database", OWNER.database());
        keys.put("user", OWNER.user());
        keys.put("password", OWNER.password());
        keys.put("tls.ca", authority.certificatePem());
        keys.putAll(changes);
        return new OneRoute(folder, keys);
    }

    private static String who(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet result =
                        statement.executeQuery(
                                "select current_user || ' ' || version from pg_stat_ssl where pid ="
                                        + " pg_backend_pid()")) {
            assertTrue(result.next());
            return result.getString(1);
        }
    }

    private static Connection superuser() throws SQLException {
        Login superuser = server.superuser();
        return DriverManager.getConnection(
                "jdbc:postgresql://localhost:" + server.port() + "/postgres?sslmode=require",
                superuser.user(),
                superuser.password());
    }
}
