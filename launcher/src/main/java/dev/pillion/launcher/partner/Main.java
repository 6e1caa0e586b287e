package dev.pillion.launcher.partner;

import dev.pillion.launcher.certificates.ServerCertificate;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Clock;

/**
 * The partner as a container, on port 8443 of every address. In: the Secret mounted at {@code
 * /etc/partner} with {@code tls.crt}, {@code tls.key} (EC, PKCS #8) and {@code api-key}. Ended by
 * SIGTERM.
 */
public final class Main {

    private static final Path SECRET = Path.of("/etc/partner");
    private static final int PORT = 8443;

    private Main() {}

    /** Starts the partner; no arguments. */
    public static void main(String[] arguments) throws IOException, GeneralSecurityException {
        PartnerService partner = start(SECRET, PORT);
        Runtime.getRuntime().addShutdownHook(new Thread(partner::close, "stop"));
    }

    static PartnerService start(Path secret, int port)
            throws IOException, GeneralSecurityException {
        return PartnerService.start(
                new InetSocketAddress(port),
                Files.readString(secret.resolve("api-key")).strip(),
                ServerCertificate.parse(
                        Files.readString(secret.resolve("tls.crt")),
                        Files.readString(secret.resolve("tls.key"))),
                Clock.systemUTC());
    }
}
