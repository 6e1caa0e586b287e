package dev.pillion.legacy;

import dev.pillion.launcher.certificates.CertificateAuthority;
import dev.pillion.launcher.postgres.Login;
import dev.pillion.launcher.postgres.PostgresBinaries;
import dev.pillion.launcher.postgres.PostgresServer;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;

/** A real PostgreSQL for a test, on a free port. */
public final class RealPostgres {

    public static final Login OWNER = new Login("desk", "not-legacy", "desk");

    private RealPostgres() {}

    /** Prepares a server in the folder; the caller starts and closes it. */
    public static PostgresServer prepare(Path folder) throws IOException {
        return PostgresServer.prepare(
                PostgresBinaries.unpack(Path.of("target/postgres")),
                folder,
                0,
                OWNER,
                CertificateAuthority.create("test CA", Clock.systemUTC()).issue("localhost"));
    }

    /** Returns the URL at which {@link #OWNER} logs in. */
    public static String url(PostgresServer server) {
        return "jdbc:postgresql://localhost:" + server.port() + "/" + OWNER.database();
    }
}
