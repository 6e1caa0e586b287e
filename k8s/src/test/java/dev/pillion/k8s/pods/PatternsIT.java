package dev.pillion.k8s.pods;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pillion.k8s.Waiting;
import dev.pillion.k8s.flows.Browser;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The three pods of the textbook do what the textbook says. */
class PatternsIT {

    @RegisterExtension
    static final TestedPods pods =
            TestedPods.of("patterns/sidecar", "patterns/ambassador", "patterns/adapter");

    @Test
    void theSidecarShowsTheLogOfTheDateLoopInABrowser() throws Exception {
        Waiting.until("two dates", () -> log("sidecar").size() >= 2);
        String first = log("sidecar").getFirst();
        assertTrue(pods.get("sidecar", 8093, "/app.log").startsWith(first + "\n"));
        try (Browser browser = Browser.open()) {
            browser.go(pods.address("sidecar", 8093, "/").toString());
            browser.find("#files li > *").click();
            browser.awaitText(first);
            int shown = log("sidecar").size();
            Waiting.until("another date", () -> log("sidecar").size() > shown);
            browser.awaitText(log("sidecar").get(shown));
        }
        assertTrue(
                pods.pod("sidecar").logs("log-exporter").contains(log("sidecar").getFirst()),
                "the exporter prints the lines, too: kubectl logs shows them");
    }

    @Test
    void theAmbassadorLetsAnswerWhomTheConfigMapNames() throws Exception {
        assertTrue(
                pods.get("ambassador", 8091, "/routes").contains("https://example.com"),
                "as the textbook has it");
        route("http://" + pods.pod("sidecar").address() + ":8093");
        Waiting.until("the first upstream's answer", () -> !log("sidecar").isEmpty());
        String date = log("sidecar").getFirst();
        Waiting.until("a date", () -> ask("/app.log").contains(date));
        route("http://" + pods.pod("adapter").address() + ":8092");
        Waiting.until("the second upstream's answer", () -> ask("/files").contains("lagBytes"));
        assertEquals(0, pods.pod("ambassador").restarts("ambassador"));
        assertEquals(0, pods.pod("ambassador").restarts("app"));
    }

    @Test
    void theAdapterPrefixesTheDates() throws Exception {
        Waiting.until("two dates", () -> adapted().size() >= 2);
        List<String> adapted = adapted();
        List<String> written = log("adapter").subList(0, adapted.size());
        assertEquals(written.stream().map(line -> "Date " + line).toList(), adapted);
    }

    private static List<String> adapted() throws IOException {
        return pods.pod("adapter").exec("app", "cat", "/var/log/adapter/out.log").lines().toList();
    }

    private static List<String> log(String pod) throws IOException {
        return new String(pods.file(pod, "logs", "app.log"), StandardCharsets.UTF_8)
                .lines()
                .toList();
    }

    private static void route(String upstream) throws IOException {
        pods.edit("ambassador-routes", "route.site.upstream", upstream);
    }

    /** As the application does: it knows no address but this. */
    private static String ask(String path) throws IOException {
        return pods.pod("ambassador")
                .exec("app", "wget", "-q", "-O", "-", "http://localhost:81" + path);
    }
}
