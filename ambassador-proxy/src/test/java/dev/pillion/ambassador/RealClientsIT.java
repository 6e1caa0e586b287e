package dev.pillion.ambassador;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pillion.ambassador.connect.TlsContexts;
import dev.pillion.ambassador.routes.Tls;
import dev.pillion.launcher.certificates.CertificateAuthority;
import dev.pillion.launcher.certificates.ServerCertificate;
import dev.pillion.launcher.postgres.Login;
import dev.pillion.launcher.postgres.PostgresBinaries;
import dev.pillion.launcher.postgres.PostgresServer;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/**
 * Real clients cannot tell the ambassador from the server: each is run against both, and has to say
 * the same. psql and pgbench are Debian's, libpq 18 is that of the server's binaries.
 */
class RealClientsIT {

    @TempDir static Path folder;

    /** The application's login, known to the server as well, so that both can be asked. */
    private static final Login LEGACY = new Login("legacy", "compiled in", "orders");

    private static final Login REAL = new Login("real", "s3cret", "orders");
    private static CertificateAuthority authority;
    private static PostgresBinaries binaries;
    private static PostgresServer server;
    private static OneRoute route;
    private static Map<String, String> keys;

    @BeforeAll
    static void start() throws Exception {
        Program.needsDebian15();
        authority = CertificateAuthority.create("test CA", Clock.systemUTC());
        ServerCertificate onLocalhost = authority.issue("localhost");
        binaries = PostgresBinaries.unpack(Path.of("target/postgres"));
        Path home = folder.resolve("server");
        server = PostgresServer.prepare(binaries, home, 0, LEGACY, authority.issue("localhost"));
        Files.writeString(home.resolve("pg_hba.conf"), "host all all all scram-sha-256\n");
        server.start();
        Program.Result created =
                psql(
                        server.port(),
                        "user=postgres sslmode=require",
                        server.superuser().password(),
                        "create role real login password 's3cret'; grant all on schema public to real");
        assertEquals(0, created.exit(), created.out());
        Files.writeString(folder.resolve("ca.pem"), authority.certificatePem());
        keys = new HashMap<>();
        keys.put("upstream", "localhost:" + server.port());
        keys.put("user", REAL.user());
        keys.put("password", REAL.password());
        keys.put("tls.ca", authority.certificatePem());
        keys.put("listen.tls.certificate", onLocalhost.certificatePem());
        keys.put("listen.tls.key", onLocalhost.privateKeyPem());
        keys.put("app-login", "scram-sha-256");
        keys.put("app-login.user", LEGACY.user());
        keys.put("app-login.password", LEGACY.password());
        route = new OneRoute(folder, keys);
    }

    @AfterAll
    static void stop() throws IOException {
        if (server != null) {
            if (route != null) {
                route.close();
            }
            server.close();
        }
    }

    @Test
    void answersEverythingLibpqCanInsistOn() throws Exception {
        List<String> wishes = new ArrayList<>();
        for (String mode :
                List.of("disable", "allow", "prefer", "require", "verify-ca", "verify-full")) {
            for (String binding : List.of("disable", "prefer", "require")) {
                wishes.add("sslmode=" + mode + " channel_binding=" + binding);
            }
            wishes.add("sslmode=" + mode + " require_auth=scram-sha-256");
        }
        for (String method : List.of("none", "md5", "password", "!scram-sha-256", "gss")) {
            wishes.add("sslmode=require require_auth=" + method);
        }
        for (String mode : List.of("require", "verify-full")) {
            wishes.add("sslnegotiation=direct sslmode=" + mode);
        }
        wishes.add("sslnegotiation=direct sslmode=require channel_binding=require");
        wishes.add("sslmode=require min_protocol_version=3.2 max_protocol_version=3.2");
        wishes.add("sslmode=disable max_protocol_version=latest");
        wishes.add("sslmode=verify-full sslrootcert=" + folder.resolve("none.pem"));
        wishes.add("sslmode=require target_session_attrs=read-write");
        wishes.add("sslmode=require target_session_attrs=standby");
        wishes.add("sslmode=require options='-c search_path=news -c statement_timeout=7s'");
        StringBuilder direct = new StringBuilder();
        StringBuilder through = new StringBuilder();
        int letIn = 0;
        for (String wish : wishes) {
            Program.Result expected = psql(server.port(), wish, LEGACY.password(), SHOW);
            direct.append(said(wish, expected, server.port()));
            through.append(
                    said(wish, psql(route.port(), wish, LEGACY.password(), SHOW), route.port()));
            letIn += expected.exit() == 0 ? 1 : 0;
        }
        assertEquals(direct.toString(), through.toString());
        assertTrue(letIn > 20 && letIn < wishes.size() - 5, letIn + " of " + wishes.size());
    }

    /** Before PostgreSQL 18 there was no 3.2: the server says so, and libpq goes on in 3.0. */
    @Test
    void agreesOnTheProtocolAsAnOlderServerDoes() throws Exception {
        StringBuilder direct = new StringBuilder();
        StringBuilder through = new StringBuilder();
        try (PostgresServer older =
                PostgresServer.prepare(
                        new PostgresBinaries(Program.DEBIAN_15),
                        folder.resolve("older"),
                        0,
                        LEGACY,
                        authority.issue("localhost"))) {
            older.start();
            Map<String, String> toOlder = new HashMap<>();
            toOlder.put("upstream", "localhost:" + older.port());
            toOlder.put("user", LEGACY.user());
            toOlder.put("password", LEGACY.password());
            toOlder.put("tls.ca", authority.certificatePem());
            try (OneRoute olderRoute = new OneRoute(folder, toOlder)) {
                for (String wish :
                        List.of(
                                "max_protocol_version=3.0",
                                "max_protocol_version=3.2",
                                "max_protocol_version=latest",
                                "min_protocol_version=3.2 max_protocol_version=latest")) {
                    direct.append(asked(wish, older.port()));
                    through.append(asked(wish, olderRoute.port()));
                }
            }
        }
        assertEquals(direct.toString(), through.toString());
        assertTrue(direct.toString().contains("latest: 0 orders|"), direct.toString());
    }

    private static String asked(String wish, int port) throws Exception {
        return said(wish, psql(port, wish, LEGACY.password(), SHOW), port);
    }

    @Test
    void letsNobodyInWhoDoesNotKnowTheApplicationsLogin() throws Exception {
        for (String wish : List.of("sslmode=disable", "sslmode=require")) {
            assertEquals(
                    said(wish, psql(server.port(), wish, "wrong", SHOW), server.port()),
                    said(wish, psql(route.port(), wish, "wrong", SHOW), route.port()));
            String other = wish + " user=nobody";
            assertEquals(
                    said(wish, psql(server.port(), other, LEGACY.password(), SHOW), server.port()),
                    said(wish, psql(route.port(), other, LEGACY.password(), SHOW), route.port()));
        }
        assertTrue(route.counts().failures().get("app_login").sum() >= 4);
    }

    @Test
    void carriesWhateverASessionOfPsqlDoes() throws Exception {
        Path file = folder.resolve("large-object");
        Files.write(file, new byte[300_000]);
        String script =
                """
                \\set VERBOSITY verbose
                create temp table lines (n int, t text);
                copy lines from stdin;
                1\tone
                2\ttwo
                \\.
                copy (select n, t || '!' from lines order by n) to stdout;
                \\copy (select repeat('x', 100000) from generate_series(1, 200)) to '/dev/null'
                copy lines from stdin;
                not a number
                \\.
                prepare line (int) as select t from lines where n = $1;
                execute line(2);
                begin;
                declare each cursor for select * from lines order by n;
                fetch 1 from each;
                move 1 in each;
                fetch 1 from each;
                savepoint s; select 1/0; rollback to s; select 'still here';
                commit;
                select 1/0;
                set search_path to pg_temp; show search_path;
                do $$ begin raise notice 'noted'; raise warning 'warned'; end $$;
                listen news; notify news, 'hello'; select 1;
                select length(repeat('x', 20000000));
                select repeat('y', 10000000) as large \\gset
                select length(:'large');
                \\lo_import '%s'
                select length(lo_get(:LASTOID));
                \\lo_unlink :LASTOID
                select 1 \\; select 2 \\; select 3;
                \\c
                select count(*) from pg_prepared_statements;
                select * from lines;
                """
                        .formatted(file);
        String[] said = new String[2];
        int[] ports = {server.port(), route.port()};
        for (int i = 0; i < 2; i++) {
            Program.Result result =
                    Program.run(
                            environment(LEGACY.password()),
                            script,
                            List.of(
                                    Program.debian15("psql"),
                                    "-X",
                                    "-a",
                                    conninfo(ports[i], "sslmode=require")));
            said[i] =
                    said("psql", result, ports[i])
                            .replaceAll("with PID \\d+", "with PID N")
                            .replaceAll("lo_(import|unlink) \\d+", "lo_$1 N");
        }
        assertEquals(said[0], said[1]);
        assertTrue(said[0].contains("payload \"hello\" received"), said[0]);
        assertTrue(said[0].contains("300000") && said[0].contains("10000000"), said[0]);
    }

    @Test
    void losesNoTransactionOfPgbench() throws Exception {
        // libpq's pipeline mode: all is sent before the first answer is read.
        Path pipeline = folder.resolve("pipeline.sql");
        Files.writeString(
                pipeline,
                """
                \\startpipeline
                insert into pgbench_history (tid, bid, aid, delta) values (1, 1, 1, 0);
                select repeat('x', 10000) from generate_series(1, 20);
                insert into pgbench_history (tid, bid, aid, delta) values (2, 1, 1, 0);
                \\endpipeline
                """);
        String at = conninfo(route.port(), "sslmode=disable");
        Program.Result made =
                Program.run(
                        environment(LEGACY.password()),
                        "",
                        List.of(Program.debian15("pgbench"), "-i", "-q", "-s", "2", at));
        assertEquals(0, made.exit(), made.out());
        int expected = 0;
        for (String protocol : List.of("simple", "extended", "prepared")) {
            pgbench(at, "-M", protocol);
            expected += 200;
        }
        for (String protocol : List.of("extended", "prepared")) {
            pgbench(at, "-M", protocol, "-f", pipeline.toString());
            expected += 2 * 200;
        }
        assertEquals(
                expected + "",
                psql(
                                route.port(),
                                "sslmode=disable",
                                LEGACY.password(),
                                "select count(*) from pgbench_history")
                        .out()
                        .strip());
    }

    private static void pgbench(String at, String... options) throws Exception {
        List<String> command = new ArrayList<>(List.of(Program.debian15("pgbench"), "-n"));
        command.addAll(List.of(options));
        command.addAll(List.of("-c", "4", "-j", "2", "-t", "50", at));
        Program.Result run = Program.run(environment(LEGACY.password()), "", command);
        assertEquals(0, run.exit(), run.out());
        assertTrue(run.out().contains("number of transactions actually processed: 200/200"));
    }

    @Test
    void takesNothingInPlainTextBehindItsYesToTls() throws Exception {
        byte[] startup =
                "\0\3\0\0user\0legacy\0\0".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        ByteBuffer both =
                ByteBuffer.allocate(8 + 4 + startup.length)
                        .putInt(8)
                        .putInt(80877103)
                        .putInt(4 + startup.length)
                        .put(startup);
        try (Socket socket = new Socket("localhost", route.port())) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write(both.array());
            assertEquals('S', socket.getInputStream().read());
            assertEquals(-1, socket.getInputStream().read());
        }
    }

    @Test
    void wantsDirectTlsToNameItsProtocol() throws Exception {
        SSLContext trusting = new TlsContexts().context(anybody());
        try (SSLSocket socket =
                (SSLSocket) trusting.getSocketFactory().createSocket("localhost", route.port())) {
            socket.setSoTimeout(10_000);
            socket.startHandshake();
            assertEquals(-1, socket.getInputStream().read());
        }
    }

    private static Tls anybody() {
        return new Tls(
                Tls.Mode.REQUIRE, Optional.empty(), Optional.empty(), Tls.Negotiation.POSTGRES);
    }

    /** The user differs by design: the server sees the real one. */
    private static final String SHOW =
            "select current_database(), current_setting('search_path'),"
                    + " current_setting('statement_timeout'), current_setting('application_name')";

    private static String said(String wish, Program.Result result, int port) {
        return wish
                + ": "
                + result.exit()
                + " "
                + result.out()
                        .replace("port " + port, "port PORT")
                        .replace("ambassador: ", "")
                        .strip()
                + "\n";
    }

    private static Program.Result psql(int port, String wish, String password, String sql)
            throws IOException, InterruptedException {
        return Program.run(
                environment(password),
                "",
                List.of(
                        Program.debian15("psql"),
                        "-X",
                        "-A",
                        "-t",
                        "-c",
                        sql,
                        conninfo(port, wish)));
    }

    private static Map<String, String> environment(String password) {
        return Map.of(
                "LD_LIBRARY_PATH", binaries.folder().resolve("lib").toAbsolutePath().toString(),
                "PGPASSWORD", password,
                "PGSSLROOTCERT", folder.resolve("ca.pem").toString());
    }

    private static String conninfo(int port, String wish) {
        return "host=localhost dbname=orders user=legacy port=" + port + " " + wish;
    }
}
