import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;

import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/** A certificate for localhost that lives as long as this program; made by the JDK's keytool. */
record Identity(SSLContext context, String certificatePem) {

    static Identity create() throws IOException, InterruptedException, GeneralSecurityException {
        Path file = Files.createTempDirectory("identity").resolve("store");
        int exit =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "keytool")
                                        .toString(),
                                "-genkeypair",
                                "-alias",
                                "localhost",
                                "-keyalg",
                                "EC",
                                "-dname",
                                "CN=localhost",
                                "-ext",
                                "SAN=dns:localhost",
                                "-storepass",
                                "demonstration",
                                "-keystore",
                                file.toString())
                        .inheritIO()
                        .start()
                        .waitFor();
        Training.check(exit == 0, "keytool makes a key");
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            store.load(in, "demonstration".toCharArray());
        }
        KeyManagerFactory keys =
                KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, "demonstration".toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        Base64.Encoder lines = Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII));
        return new Identity(
                context,
                "-----BEGIN CERTIFICATE-----\n"
                        + lines.encodeToString(store.getCertificate("localhost").getEncoded())
                        + "\n-----END CERTIFICATE-----\n");
    }
}
