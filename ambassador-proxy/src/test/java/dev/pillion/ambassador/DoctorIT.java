package dev.pillion.ambassador;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.pillion.ambassador.admin.Doctor;
import dev.pillion.ambassador.settings.ProcessSettings;
import dev.pillion.launcher.certificates.CertificateAuthority;

import org.junit.jupiter.api.Test;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Clock;
import java.time.Duration;
import java.util.List;

/** What {@code doctor} says of routes that are well and of those that are not. */
class DoctorIT extends BesideTheOutside {

    @Test
    void triesEveryStepOfEveryRoute() throws IOException {
        String text = doctor(true);
        assertTrue(text.contains("primary, PostgreSQL 18"), text);
        assertTrue(text.contains("certificate for localhost, 127.0.0.1, valid for another"), text);

        seat.secret.put("route.orders-db.password", "wrong");
        seat.configMap.put(
                "route.partner.upstream", "https://127.0.0.1:" + outside.partner().port());
        seat.lay();
        String ill = doctor(false);
        assertTrue(ill.contains("28P01") && ill.contains("FAIL  login"), ill);
        assertTrue(ill.contains("FAIL  tls") && ill.contains("name it is good for"), ill);
    }

    /** Each is a mistake of its own, and the advice has to fit it. */
    @Test
    void saysWhatToDoAboutEachTlsFailure() throws Exception {
        String strangers =
                CertificateAuthority.create("other CA", Clock.systemUTC()).certificatePem();
        seat.configMap.put("route.orders-db.tls.ca", strangers);
        seat.configMap.put("route.partner.tls.ca", strangers);
        try (ServerSocket plain = new ServerSocket(0, 9, InetAddress.getLoopbackAddress())) {
            Thread.ofVirtual()
                    .start(
                            () ->
                                    ScriptedServer.accept(
                                            plain,
                                            socket -> {
                                                try (socket) {
                                                    socket.getInputStream().read();
                                                    socket.getOutputStream()
                                                            .write("what?\r\n".getBytes(UTF_8));
                                                } catch (IOException gone) {
                                                    // it has looked
                                                }
                                            }));
            for (String name : List.of("queue", "other")) {
                seat.configMap.put("route." + name + ".listen", "127.0.0.1:0");
            }
            seat.configMap.put("route.queue.protocol", "tcp");
            seat.configMap.put("route.queue.upstream", "localhost:" + plain.getLocalPort());
            seat.configMap.put("route.other.protocol", "http");
            seat.configMap.put("route.other.upstream", "https://localhost:" + plain.getLocalPort());
            seat.lay();
            String said = doctor(false);
            assertTrue(
                    said.contains("FAIL  tls") && said.contains("into route.orders-db.tls.ca"),
                    said);
            assertTrue(said.contains("into route.partner.tls.ca"), said);
            assertTrue(said.contains("set route.queue.tls to disable"), said);
            assertTrue(said.contains("write http:// in route.other.upstream"), said);
        }
    }

    /** Which database it will be, the application says, and doctor cannot know. */
    @Test
    void needsNoDatabaseOfTheRoute() throws Exception {
        seat.configMap.remove("route.orders-db.database");
        seat.lay();
        String said = doctor(true);
        assertTrue(said.contains("primary, PostgreSQL 18"), said);
        seat.configMap.put("route.orders-db.database", "nowhere");
        seat.lay();
        String ill = doctor(false);
        assertTrue(ill.contains("database \"nowhere\" does not exist (SQLSTATE 3D000)"), ill);
    }

    private String doctor(boolean well) {
        ProcessSettings settings = seat.settings(Duration.ofSeconds(1), Duration.ofSeconds(1));
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        assertEquals(
                well,
                new Doctor(new PrintStream(said, true, UTF_8), Clock.systemUTC()).examine(settings),
                () -> said.toString(UTF_8));
        return said.toString(UTF_8);
    }
}
