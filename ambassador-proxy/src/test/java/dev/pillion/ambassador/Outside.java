package dev.pillion.ambassador;

import dev.pillion.launcher.certificates.CertificateAuthority;
import dev.pillion.launcher.partner.PartnerService;
import dev.pillion.launcher.postgres.Login;
import dev.pillion.launcher.postgres.PostgresBinaries;
import dev.pillion.launcher.postgres.PostgresServer;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;

/** What an ambassador speaks to: a PostgreSQL and a partner, each with a certificate. */
record Outside(CertificateAuthority authority, PostgresServer server, PartnerService partner)
        implements AutoCloseable {

    static final Login OWNER = new Login("orders_owner", "s3cret ${x} '\"", "orderdesk");
    static final String KEY = "partner-key-4711";

    static Outside start(Path folder) throws IOException {
        CertificateAuthority authority = CertificateAuthority.create("test CA", Clock.systemUTC());
        PostgresServer server =
                PostgresServer.prepare(
                        PostgresBinaries.unpack(Path.of("target/postgres")),
                        folder.resolve("server"),
                        0,
                        OWNER,
                        authority.issue("localhost", "127.0.0.1"));
        server.start();
        return new Outside(
                authority,
                server,
                PartnerService.start(0, KEY, authority.issue("localhost"), Clock.systemUTC()));
    }

    @Override
    public void close() throws IOException {
        partner.close();
        server.close();
    }
}
