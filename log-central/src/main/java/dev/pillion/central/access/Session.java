package dev.pillion.central.access;

import io.helidon.http.SetCookie;

import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The cookie of a browser that is logged in: {@code name.end.proof} of one that showed its token,
 * {@code name.namespaces.end.proof} of a person who signed on. The proof is keyed by the digest of
 * the token, or of the client's secret at the provider: so nothing is kept here, the secret is not
 * in the cookie, and the cookie ends when the secret does.
 */
final class Session {

    static final String COOKIE = "log-central-session";

    private static final int PROOF_BYTES = 32;
    private static final int TOKEN_PARTS = 3;
    private static final int PERSON_PARTS = 4;

    private Session() {}

    /** The cookie's attributes are the same whoever is logged in. */
    static SetCookie.Builder cookie(String value, boolean secure) {
        return SetCookie.builder(COOKIE, value)
                .path("/")
                .httpOnly(true)
                .secure(secure)
                .sameSite(SetCookie.SameSite.STRICT);
    }

    /**
     * @param end epoch seconds
     */
    static String of(Token token, long end) {
        return signed(token.digest(), "session ", token.name() + "." + end);
    }

    /**
     * @param key a digest with the client's secret in it
     * @param end epoch seconds
     */
    static String of(Person person, byte[] key, long end) {
        String namespaces = String.join(",", new TreeSet<>(person.namespaces()));
        return signed(key, "person ", base64(person.name()) + "." + base64(namespaces) + "." + end);
    }

    /**
     * @param byName the tokens of a name
     * @param now epoch seconds
     */
    static Optional<Token> token(String cookie, Function<String, List<Token>> byName, long now) {
        String[] parts = cookie.split("\\.", -1);
        if (parts.length != TOKEN_PARTS) {
            return Optional.empty();
        }
        return byName.apply(parts[0]).stream()
                .filter(token -> isValid(cookie, token.digest(), "session ", now))
                .findFirst();
    }

    /**
     * @param key a digest with the client's secret in it
     * @param now epoch seconds
     */
    static Optional<Person> person(String cookie, byte[] key, long now) {
        String[] parts = cookie.split("\\.", -1);
        if (parts.length != PERSON_PARTS || !isValid(cookie, key, "person ", now)) {
            return Optional.empty();
        }
        String namespaces = text(parts[1]);
        return Optional.of(
                new Person(
                        text(parts[0]),
                        namespaces.isEmpty()
                                ? Set.of()
                                : Set.copyOf(List.of(namespaces.split(",", -1)))));
    }

    private static boolean isValid(String cookie, byte[] key, String kind, long now) {
        int dot = cookie.lastIndexOf('.');
        String claim = cookie.substring(0, dot);
        String hex = cookie.substring(dot + 1);
        try {
            return hex.length() == 2 * PROOF_BYTES
                    && MessageDigest.isEqual(proof(key, kind + claim), HexFormat.of().parseHex(hex))
                    && Long.parseLong(claim.substring(claim.lastIndexOf('.') + 1)) > now;
        } catch (IllegalArgumentException e) {
            return false; // Not a cookie that was given out.
        }
    }

    private static String signed(byte[] key, String kind, String claim) {
        return claim + "." + HexFormat.of().formatHex(proof(key, kind + claim));
    }

    private static byte[] proof(byte[] key, String text) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException | InvalidKeyException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String base64(String text) {
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String text(String base64) {
        return new String(Base64.getUrlDecoder().decode(base64), StandardCharsets.UTF_8);
    }
}
