package dev.pillion.central.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pillion.central.access.Tokens.Purpose;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

class TokensTest {

    private static final String ONE = "0123456789abcdef-one";
    private static final String TWO = "0123456789abcdef-two";

    @TempDir Path directory;

    private Tokens tokens(Map<String, String> files) throws Exception {
        for (Map.Entry<String, String> file : files.entrySet()) {
            Files.writeString(directory.resolve(file.getKey()), file.getValue());
        }
        return Tokens.read(directory);
    }

    private static String name(Tokens tokens, Purpose purpose, String secret) {
        return tokens.find(purpose, secret).map(Token::name).orElse("none");
    }

    @Test
    void knowsWhoSentWhichTokenAndWhatFor() throws Exception {
        Tokens tokens =
                tokens(
                        Map.of(
                                "ingest.adapter",
                                ONE + "\n",
                                "read.viewer",
                                TWO,
                                "read.shop",
                                ONE,
                                "read.shop.namespaces",
                                "shop, billing\n"));
        assertEquals("adapter", name(tokens, Purpose.INGEST, ONE));
        assertEquals("none", name(tokens, Purpose.INGEST, TWO));
        assertEquals("viewer", name(tokens, Purpose.READ, TWO));
        assertEquals("none", name(tokens, Purpose.READ, ONE + "x"));
        assertEquals("none", name(tokens, Purpose.READ, ""));
        assertEquals(
                Optional.of(Set.of("shop", "billing")),
                tokens.find(Purpose.READ, ONE).map(Token::namespaces));
    }

    @Test
    void takesTwoOfANameWhileTheyAreExchanged() throws Exception {
        Tokens tokens = tokens(Map.of("read.viewer", ONE + "\n\n" + TWO + "\n"));
        assertEquals("viewer", name(tokens, Purpose.READ, ONE));
        assertEquals("viewer", name(tokens, Purpose.READ, TWO));
    }

    @Test
    void hasNoneWithoutTheFolder() throws Exception {
        assertTrue(Tokens.read(directory.resolve("absent")).isEmpty());
        assertTrue(Tokens.read(directory).isEmpty());
    }

    @Test
    void reportsAllMistakesAtOnceAndNoSecret() {
        Tokens.Wrong wrong =
                assertThrows(
                        Tokens.Wrong.class,
                        () ->
                                tokens(
                                        Map.of(
                                                "read.short", "hunter2",
                                                "read.spaced", "two words of a token",
                                                "read.empty", "\n",
                                                "write.all", ONE,
                                                "read.alone.namespaces", "shop",
                                                "read.bad", TWO,
                                                "read.bad.namespaces", "Shop",
                                                "read.same-1", ONE,
                                                "read.same-2", ONE)));
        assertEquals(7, wrong.mistakes().size(), wrong.getMessage());
        for (String secret : List.of("hunter2", "two words", ONE, TWO)) {
            assertFalse(wrong.getMessage().contains(secret), wrong.getMessage());
        }
        assertTrue(wrong.getMessage().contains("openssl rand -hex 24"), wrong.getMessage());
    }

    @Test
    void readsASecretAsKubeletMountsIt() throws Exception {
        Path mount = Files.createDirectory(directory.resolve("mount"));
        swap(mount, "..1", "read.viewer", ONE);
        assertEquals("viewer", name(Tokens.read(mount), Purpose.READ, ONE));
        swap(mount, "..2", "read.other", TWO);
        assertEquals("none", name(Tokens.read(mount), Purpose.READ, ONE));
        assertEquals("other", name(Tokens.read(mount), Purpose.READ, TWO));
    }

    private static void swap(Path mount, String state, String file, String content)
            throws IOException {
        Path folder = Files.createDirectory(mount.resolve(state));
        Files.writeString(folder.resolve(file), content);
        Path link = Files.createSymbolicLink(mount.resolve("..data_tmp"), Path.of(state));
        Files.move(link, mount.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);
        Files.deleteIfExists(mount.resolve(file));
        Files.createSymbolicLink(mount.resolve(file), Path.of("..data", file));
    }

    @Test
    void keepsTheFormerTokensWhenTheFilesBecomeWrongOrEmpty() throws Exception {
        tokens(Map.of("read.viewer", ONE));
        try (LiveTokens live = new LiveTokens(directory)) {
            Files.writeString(directory.resolve("read.viewer"), "short");
            live.readAgain();
            assertEquals("viewer", name(live.current(), Purpose.READ, ONE));
            Files.delete(directory.resolve("read.viewer"));
            live.readAgain();
            assertEquals("viewer", name(live.current(), Purpose.READ, ONE));
            Files.writeString(directory.resolve("read.viewer"), TWO);
            live.readAgain();
            assertEquals("none", name(live.current(), Purpose.READ, ONE));
            assertEquals("viewer", name(live.current(), Purpose.READ, TWO));
        }
    }

    @Test
    void refusesToBeOpenToOthersUnlessToldTo() throws Exception {
        assertEquals(List.of(), mistakes(false, "127.0.0.1"));
        assertEquals(List.of(), mistakes(false, "localhost"));
        assertEquals(List.of(), mistakes(true, "0.0.0.0"));
        List<String> mistakes = mistakes(false, "0.0.0.0");
        assertEquals(1, mistakes.size());
        assertTrue(mistakes.getFirst().startsWith("server.host: '0.0.0.0' is open to others"));
        assertTrue(mistakes.getFirst().contains("-Dcentral.access.open=true"));
        tokens(Map.of("read.viewer", ONE));
        assertEquals(List.of(), mistakes(false, "0.0.0.0"));
    }

    private List<String> mistakes(boolean open, String host) {
        return mistakes(open, host, Optional.empty());
    }

    private List<String> mistakes(boolean open, String host, Optional<SignOnSettings> signOn) {
        return Access.mistakes(
                new AccessSettings(
                        directory, open, Duration.ofHours(1), true, "", 1024, 10, signOn),
                host);
    }

    @Test
    void believesOnlyCookiesThatItGaveOut() throws Exception {
        Tokens tokens = tokens(Map.of("read.viewer", ONE));
        Token token = tokens.find(Purpose.READ, ONE).orElseThrow();
        String cookie = Session.of(token, 1000);
        assertFalse(cookie.contains(ONE));
        assertEquals(
                Optional.of("viewer"),
                Session.token(cookie, tokens::reading, 999).map(Token::name));
        for (String other :
                List.of(
                        "",
                        "viewer",
                        cookie.replace("1000", "9999"),
                        cookie.substring(0, cookie.length() - 1) + "x",
                        cookie + "0",
                        "other" + cookie.substring("viewer".length()))) {
            assertEquals(Optional.empty(), Session.token(other, tokens::reading, 999), other);
        }
        assertEquals(Optional.empty(), Session.token(cookie, tokens::reading, 1000));
        Tokens later = tokens(Map.of("read.viewer", TWO));
        assertEquals(Optional.empty(), Session.token(cookie, later::reading, 999));
    }

    @Test
    void believesOnlyPersonsWhoSignedOn() {
        byte[] key = Token.digest("the client's secret");
        Person ann = new Person("ann.o'hara@example.org", Set.of("shop", "bank"));
        String cookie = Session.of(ann, key, 1000);
        assertEquals(Optional.of(ann), Session.person(cookie, key, 999));
        Person all = new Person("Ünal", Set.of());
        assertEquals(Optional.of(all), Session.person(Session.of(all, key, 1000), key, 999));
        assertEquals(Optional.empty(), Session.person(cookie, key, 1000));
        assertEquals(Optional.empty(), Session.person(cookie, Token.digest("another secret"), 999));
        String[] parts = cookie.split("\\.", -1);
        for (String other :
                List.of(
                        "",
                        "...",
                        cookie.replace("1000", "9999"),
                        cookie.substring(0, cookie.length() - 1) + "x",
                        parts[0] + ".." + parts[2] + "." + parts[3],
                        // A token's cookie, whose name is what a person's claim would be.
                        Session.of(new Token(parts[0] + "." + parts[1], key, Set.of()), 1000))) {
            assertEquals(Optional.empty(), Session.person(other, key, 999), other);
        }
    }

    @Test
    void wantsTheClientsSecretForSingleSignOn() throws Exception {
        Optional<SignOnSettings> signOn =
                Optional.of(
                        new SignOnSettings(
                                "https://id.example.org",
                                "log-central",
                                URI.create("https://logs.example.org/"),
                                "openid",
                                "email",
                                "",
                                Duration.ofSeconds(1)));
        assertEquals(
                List.of(
                        "central.access.oidc.issuer: the secret that the provider gave this client"
                                + " is missing; put it into "
                                + directory.resolve("oidc.client-secret")),
                mistakes(false, "127.0.0.1", signOn));
        Tokens tokens = tokens(Map.of("oidc.client-secret", "shown to the provider\n"));
        assertEquals(Optional.of("shown to the provider"), tokens.clientSecret());
        assertEquals(List.of(), mistakes(false, "127.0.0.1", signOn));
        // Who sends needs a token of its own.
        assertTrue(mistakes(false, "0.0.0.0", signOn).getFirst().startsWith("server.host: "));
    }
}
