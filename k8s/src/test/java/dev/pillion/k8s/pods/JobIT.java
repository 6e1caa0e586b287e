package dev.pillion.k8s.pods;

import static org.junit.jupiter.api.Assertions.assertEquals;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;

import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.regex.Pattern;

/** A Job that ends at once, beside a log-central that lets nobody in without a token. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class JobIT {

    private static final Pattern STATEMENT =
            Pattern.compile("\"body\":\"statement (\\d+) written\"");

    /** As the folder's Job writes them. */
    private static final int STATEMENTS = 1000;

    /** As the folder's Secret has them. */
    private static final String TO_SEND = "for-tests-alone-8f1b3c5d7e9a";

    private static final String TO_READ = "for-tests-alone-2c4e6a8b0d1f";

    @RegisterExtension static final TestedPods pods = TestedPods.of("tests/job-with-token");

    /** No waiting here: what the adapter has not delivered when it has ended is lost. */
    @Test
    @Order(1)
    void aJobCompletesAndEveryLineOfItIsInLogCentral() throws Exception {
        pods.pod("statements").complete();
        HttpResponse<String> answer = read(TO_READ);
        assertEquals(200, answer.statusCode(), answer.body());
        Map<Integer, Long> times =
                STATEMENT
                        .matcher(answer.body())
                        .results()
                        .collect(groupingBy(match -> Integer.valueOf(match.group(1)), counting()));
        for (int statement = 1; statement <= STATEMENTS; statement++) {
            assertEquals(
                    1L,
                    times.get(statement),
                    "statement " + statement + "; " + pods.pod("statements").logs("log-adapter"));
        }
    }

    @Test
    @Order(2)
    void nobodyReadsWithoutTheTokenForReading() throws Exception {
        assertEquals(401, read("guessed").statusCode());
        assertEquals(401, read(TO_SEND).statusCode(), "the token to send does not read");
    }

    private static HttpResponse<String> read(String token) throws Exception {
        String query = URLEncoder.encode("log.file.path:*statements.log", StandardCharsets.UTF_8);
        return pods.send(
                HttpRequest.newBuilder(
                                pods.address("log-central", 8094, "/api/logs?query=" + query))
                        .header("Authorization", "Bearer " + token)
                        .header("Accept", "application/x-ndjson"));
    }
}
