package dev.pillion.ambassador;

import static org.junit.jupiter.api.Assertions.assertEquals;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.util.List;
import java.util.Map;

/** Servers that say the wrong things in a login, and those too old to say who they are. */
class HostileServerIT extends HostileServer {

    HostileServerIT() throws IOException {}

    @Test
    void saysWhatItCannotSpeak() throws Exception {
        serve(
                socket -> {
                    Tls tls = Tls.asked(socket);
                    tls.startup();
                    tls.send(sasl("OAUTHBEARER"));
                });
        assertRefused("28000", "offers only [OAUTHBEARER]", Map.of());
        serve(
                socket -> {
                    Tls tls = Tls.asked(socket);
                    tls.startup();
                    tls.send(message('R', new byte[] {0, 0, 0, 7}));
                });
        assertRefused("28000", "authentication method 7", Map.of());
    }

    @Test
    void passesTheServersWordsOnWithoutTheUserTheyName() throws Exception {
        serve(
                socket -> {
                    Tls tls = Tls.asked(socket);
                    tls.startup();
                    tls.send(fatal("too many connections for role \"real\""));
                });
        assertRefused("53300", "too many connections for role of route db", Map.of());
        // As PostgreSQL says it in German, French and Chinese.
        for (String named : List.of("»real«", "« real »", "\u201ereal\u201c", "\u201creal\u201d")) {
            serve(
                    socket -> {
                        Tls tls = Tls.asked(socket);
                        tls.startup();
                        tls.send(fatal("zu viele: " + named));
                    });
            assertRefused("53300", "zu viele: of route db", Map.of());
        }
    }

    @Test
    void allocatesNothingOnAClaimedLength() throws Exception {
        serve(
                socket -> {
                    Tls tls = Tls.asked(socket);
                    tls.startup();
                    tls.send(new byte[] {'R', 127, -1, -1, -1});
                });
        assertRefused("08006", "has no place in a login", Map.of("login-deadline", "2s"));
    }

    @Test
    void keepsNoMoreOfALoginThanTheRouteSays() throws Exception {
        serve(
                socket -> {
                    Tls tls = Tls.asked(socket);
                    tls.startup();
                    tls.send(new byte[] {'R', 0, 0, 0, 8, 0, 0, 0, 0});
                    byte[] notice = message('N', new byte[1000]);
                    while (true) {
                        tls.send(notice);
                    }
                });
        assertRefused("28000", "route.db.login-bytes", Map.of("login-bytes", "50000"));
    }

    @Test
    void asksAnOlderServerForItsRole() throws Exception {
        for (String role : new String[] {"primary", "standby"}) {
            serve(
                    socket -> {
                        Tls tls = Tls.asked(socket);
                        tls.startup();
                        tls.send(letIn());
                        heard.add(tls.text());
                        byte[] row = {
                            0, 1, 0, 0, 0, 1, (byte) (role.equals("standby") ? 't' : 'f')
                        };
                        tls.send(message('T', new byte[] {0, 0}));
                        tls.send(message('D', row));
                        tls.send(message('C', "SELECT 1\0".getBytes(UTF_8)));
                        tls.send(new byte[] {'Z', 0, 0, 0, 5, 'I'});
                        tls.in.readAllBytes();
                    });
            login(Map.of("target", role)).close();
            assertEquals("select pg_is_in_recovery()\0", next());
            String other = role.equals("primary") ? "standby" : "primary";
            assertRefused("57P03", "is a " + role, Map.of("target", other, "login-deadline", "2s"));
            heard.clear();
        }
    }
}
