package dev.pillion.legacy.partner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.math.BigDecimal;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.LocalDate;
import java.util.Map;
import java.util.Optional;

class PartnerClientTest {

    private static final String RATES =
            "{\"base\":\"EUR\",\"date\":\"2026-11-22\",\"rates\":{\"USD\":1.0867,\"GBP\":0.8341}}";

    private HttpServer server;
    private volatile int status = 200;
    private volatile String body = RATES;

    @BeforeEach
    void start() throws Exception {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext(
                "/rates",
                exchange -> {
                    byte[] answer = body.getBytes(StandardCharsets.UTF_8);
                    exchange.sendResponseHeaders(status, answer.length);
                    exchange.getResponseBody().write(answer);
                    exchange.close();
                });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private PartnerClient client() {
        return new PartnerClient(
                URI.create("http://localhost:" + server.getAddress().getPort() + "/"));
    }

    @Test
    void readsTheRates() {
        assertEquals(
                new Rates(
                        "EUR",
                        LocalDate.of(2026, 11, 22),
                        Map.of("USD", new BigDecimal("1.0867"), "GBP", new BigDecimal("0.8341"))),
                client().rates());
    }

    @Test
    void saysWhichStatusThePartnerAnswered() {
        status = 401;
        var failed = assertThrows(PartnerUnavailable.class, () -> client().rates());
        assertEquals("the partner answered 401 to GET /rates", failed.getMessage());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{}",
                "<html>",
                "{\"base\":1,\"date\":\"2026-11-22\",\"rates\":{}}",
                "{\"base\":\"EUR\",\"date\":\"today\",\"rates\":{}}",
                "{\"base\":\"EUR\",\"date\":\"2026-11-22\",\"rates\":{\"USD\":\"1\"}}"
            })
    void refusesWhatWasNotAgreed(String answer) {
        body = answer;
        var failed = assertThrows(PartnerUnavailable.class, () -> client().rates());
        assertEquals("the partner's answer is not the agreed JSON", failed.getMessage());
    }

    @Test
    void keepsTheLastRatesWhenThePartnerGoesAway() {
        RatesBoard board = new RatesBoard(client(), Clock.systemUTC());
        assertThrows(PartnerUnavailable.class, () -> board.rate("USD"));
        board.poll();
        server.stop(0);
        board.poll();
        assertTrue(board.reading().problem().isPresent(), board.reading().toString());
        assertEquals(new BigDecimal("1.0867"), board.rate("USD"));
        assertEquals(BigDecimal.ONE, board.rate("EUR"));
        assertEquals(Optional.empty(), board.reading().rates().map(r -> r.rates().get("XXX")));
    }
}
