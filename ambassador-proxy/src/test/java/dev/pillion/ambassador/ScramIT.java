package dev.pillion.ambassador;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.net.Socket;
import java.util.Base64;
import java.util.Map;

/** Servers that cannot prove who they are, or would have a weaker proof from us. */
class ScramIT extends HostileServer {

    ScramIT() throws IOException {}

    @Test
    void choosesTheMechanismThatIsBoundToTheChannel() throws Exception {
        serve(
                socket -> {
                    Tls tls = Tls.asked(socket);
                    tls.startup();
                    tls.send(sasl("SCRAM-SHA-256", "SCRAM-SHA-256-PLUS"));
                    heard.add(tls.text());
                    tls.send(fatal("too many connections for role \"real\""));
                });
        assertRefused("53300", "too many", Map.of());
        String first = next();
        assertTrue(first.startsWith("SCRAM-SHA-256-PLUS\0"), first);
        assertTrue(first.contains("p=tls-server-end-point,,"), first);
    }

    @Test
    void letsTheServerNoticeThatItsOfferWasTakenAway() throws Exception {
        serve(
                socket -> {
                    Tls tls = Tls.asked(socket);
                    tls.startup();
                    tls.send(sasl("SCRAM-SHA-256"));
                    heard.add(tls.text());
                    tls.send(fatal("too many connections for role \"real\""));
                });
        assertRefused("53300", "too many", Map.of());
        String first = next();
        assertTrue(first.startsWith("SCRAM-SHA-256\0") && first.contains("y,,"), first);
    }

    @Test
    void isNotTalkedOutOfChannelBinding() throws Exception {
        Map<String, String> required = Map.of("channel-binding", "require");
        serve(
                socket -> {
                    Tls tls = Tls.asked(socket);
                    tls.startup();
                    tls.send(sasl("SCRAM-SHA-256"));
                });
        assertRefused("28000", "channel-binding is required", required);
        serve(
                socket -> {
                    Tls tls = Tls.asked(socket);
                    tls.startup();
                    tls.send(letIn());
                });
        assertRefused("28000", "let us in without", required);
        serve(
                socket -> {
                    Tls tls = Tls.asked(socket);
                    tls.startup();
                    tls.send(message('R', new byte[] {0, 0, 0, 3}));
                    heard.add(tls.text());
                });
        assertRefused("28000", "channel-binding is required", required);
        assertEquals(null, heard.poll(), "the password was sent");
    }

    @Test
    void wantsTheProofOfTheServerAsWell() throws Exception {
        serve(socket -> scram(socket, "i=4096", "", letIn()));
        assertRefused("28000", "could not prove", Map.of());
        serve(
                socket ->
                        scram(
                                socket,
                                "i=4096",
                                "",
                                sasl(12, "v=" + Base64.getEncoder().encodeToString(new byte[32]))));
        assertRefused("28000", "could not prove", Map.of());
    }

    @Test
    void doesNotWorkForeverForAServer() throws Exception {
        serve(socket -> scram(socket, "i=1000001", "", letIn()));
        assertRefused("28000", "too many SCRAM iterations", Map.of());
    }

    @Test
    void refusesAnAnswerToAnotherQuestion() throws Exception {
        serve(socket -> scram(socket, "i=4096", "x", letIn()));
        assertRefused("28000", "could not prove", Map.of());
    }

    /** SCRAM up to the server's last word. */
    private void scram(Socket socket, String iterations, String before, byte[] last)
            throws IOException {
        Tls tls = Tls.asked(socket);
        tls.startup();
        tls.send(sasl("SCRAM-SHA-256"));
        String first = tls.text();
        String nonce = before + first.substring(first.indexOf("r=") + 2) + "server";
        String salt = Base64.getEncoder().encodeToString(new byte[16]);
        tls.send(sasl(11, "r=" + nonce + ",s=" + salt + "," + iterations));
        tls.text();
        tls.send(last);
        tls.in.readAllBytes();
    }
}
