package dev.pillion.ambassador.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Random;

class StartupTest {

    @Test
    void keepsParametersInTheirOrderAndBytes() throws Startup.Malformed {
        Startup.Login login =
                assertInstanceOf(
                        Startup.Login.class,
                        Startup.parse(
                                body(
                                        Startup.PROTOCOL_3_0,
                                        "user\0l\u00e9gacy\0options\0-c a=b\0x.y\0\0\0")));
        assertEquals(
                Map.of("user", "l\u00e9gacy", "options", "-c a=b", "x.y", ""), login.parameters());
        assertEquals(List.of("user", "options", "x.y"), List.copyOf(login.parameters().keySet()));
    }

    @Test
    void knowsTheOtherRequests() throws Startup.Malformed {
        assertInstanceOf(Startup.SslRequest.class, Startup.parse(body(Startup.SSL_REQUEST, "")));
        assertInstanceOf(Startup.GssRequest.class, Startup.parse(body(Startup.GSSENC_REQUEST, "")));
        assertEquals(
                new Startup.Cancel(0x01020304, "\u00ff\0\0\u0001"),
                Startup.parse(
                        body(Startup.CANCEL_REQUEST, "\u0001\u0002\u0003\u0004\u00ff\0\0\u0001")));
    }

    static List<byte[]> broken() {
        return List.of(
                new byte[0],
                new byte[3],
                body(Startup.SSL_REQUEST, "x"),
                body(Startup.CANCEL_REQUEST, "abcd"),
                body(Startup.CANCEL_REQUEST, "k".repeat(4 + 257)),
                body(2 << 16, "user\0x\0\0"),
                body(Startup.PROTOCOL_3_0, ""),
                body(Startup.PROTOCOL_3_0, "\0"),
                body(Startup.PROTOCOL_3_0, "user\0\0\0"),
                body(Startup.PROTOCOL_3_0, "user\0legacy"),
                body(Startup.PROTOCOL_3_0, "user\0legacy\0"),
                body(Startup.PROTOCOL_3_0, "user\0legacy\0\0more"));
    }

    @ParameterizedTest
    @MethodSource("broken")
    void refusesWhatIsNone(byte[] packet) {
        assertThrows(Startup.Malformed.class, () -> Startup.parse(packet));
    }

    @Test
    void survivesAnyBytes() {
        Random random = new Random(4711);
        byte[] good = body(Startup.PROTOCOL_3_2, "user\0legacy\0database\0orders\0_pq_.x\0y\0\0");
        for (int i = 0; i < 200_000; i++) {
            byte[] packet;
            if (i % 2 == 0) {
                packet = good.clone();
                for (int change = random.nextInt(1, 6); change > 0; change--) {
                    packet[random.nextInt(packet.length)] = (byte) random.nextInt();
                }
            } else {
                packet = new byte[random.nextInt(64)];
                random.nextBytes(packet);
            }
            try {
                Startup.parse(packet);
            } catch (Startup.Malformed expected) {
                // the only way to fail
            }
        }
    }

    private static byte[] body(int code, String rest) {
        byte[] bytes = rest.getBytes(StandardCharsets.ISO_8859_1);
        return ByteBuffer.allocate(4 + bytes.length).putInt(code).put(bytes).array();
    }
}
