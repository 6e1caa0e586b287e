package dev.pillion.legacy.partner;

import jakarta.json.Json;
import jakarta.json.JsonException;
import jakarta.json.JsonNumber;
import jakarta.json.JsonObject;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.LocalDate;
import java.util.Map;
import java.util.TreeMap;

/**
 * Asks the partner, blocking, without a key: it never had one. Safe for all threads; keeps nothing.
 *
 * @see RatesBoard who calls it and keeps the answer
 */
public final class PartnerClient {

    private static final String PARTNER = "http://localhost:18081/";

    private static final Duration CONNECT = Duration.ofSeconds(2);
    private static final Duration ANSWER = Duration.ofSeconds(5);

    /** More is not a table of rates. */
    private static final int MAX_BODY_BYTES = 64 * 1024;

    private final URI partner;

    PartnerClient(URI partner) {
        this.partner = partner;
    }

    /** The client of the one partner this application knows. */
    public static PartnerClient compiledIn() {
        return new PartnerClient(URI.create(PARTNER));
    }

    /**
     * {@code GET /rates}.
     *
     * @throws PartnerUnavailable for every other answer than the one agreed on
     */
    public Rates rates() {
        try {
            var connection =
                    (HttpURLConnection)
                            partner.resolve("rates").toURL().openConnection(Proxy.NO_PROXY);
            connection.setConnectTimeout((int) CONNECT.toMillis());
            connection.setReadTimeout((int) ANSWER.toMillis());
            connection.setInstanceFollowRedirects(false);
            connection.setRequestProperty("Accept", "application/json");
            int status = connection.getResponseCode();
            if (status != HttpURLConnection.HTTP_OK) {
                drain(connection.getErrorStream());
                throw new PartnerUnavailable("the partner answered " + status + " to GET /rates");
            }
            try (InputStream body = connection.getInputStream()) {
                return parsed(body.readNBytes(MAX_BODY_BYTES));
            }
        } catch (IOException e) {
            throw new PartnerUnavailable("the partner cannot be reached: " + e.getMessage(), e);
        }
    }

    /** Reads the body of an answer to its end, so that the connection can be used again. */
    private static void drain(InputStream body) throws IOException {
        if (body != null) {
            try (body) {
                body.skipNBytes(Math.min(body.available(), MAX_BODY_BYTES));
            }
        }
    }

    static Rates parsed(byte[] body) {
        try (var reader = Json.createReader(new ByteArrayInputStream(body))) {
            JsonObject answer = reader.readObject();
            Map<String, BigDecimal> rates = new TreeMap<>();
            answer.getJsonObject("rates")
                    .forEach(
                            (currency, rate) ->
                                    rates.put(currency, ((JsonNumber) rate).bigDecimalValue()));
            return new Rates(
                    answer.getString("base"), LocalDate.parse(answer.getString("date")), rates);
        } catch (JsonException
                | DateTimeException
                | ClassCastException
                | NullPointerException
                | IllegalStateException notAsAgreed) {
            throw new PartnerUnavailable(
                    "the partner's answer is not the agreed JSON", notAsAgreed);
        }
    }
}
