package dev.pillion.central.access;

import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The cookie of a browser that showed its token: {@code name.end.proof}. The proof is keyed by the
 * token's digest, so nothing is kept here, the token is not in the cookie, and the cookie ends when
 * the token does.
 */
final class Session {

    static final String COOKIE = "log-central-session";

    private static final int PROOF_BYTES = 32;

    private Session() {}

    /**
     * @param end epoch seconds
     */
    static String cookie(Token token, long end) {
        String claim = token.name() + "." + end;
        return claim + "." + HexFormat.of().formatHex(proof(token, claim));
    }

    /**
     * @param byName the tokens of a name
     * @param now epoch seconds
     */
    static Optional<Token> token(String cookie, Function<String, List<Token>> byName, long now) {
        String[] parts = cookie.split("\\.", -1);
        if (parts.length != 3 || parts[2].length() != 2 * PROOF_BYTES) {
            return Optional.empty();
        }
        try {
            byte[] proof = HexFormat.of().parseHex(parts[2]);
            String claim = parts[0] + "." + parts[1];
            for (Token token : byName.apply(parts[0])) {
                if (MessageDigest.isEqual(proof(token, claim), proof)) {
                    return Long.parseLong(parts[1]) > now ? Optional.of(token) : Optional.empty();
                }
            }
        } catch (IllegalArgumentException e) {
            // Not a cookie that was given out.
        }
        return Optional.empty();
    }

    private static byte[] proof(Token token, String claim) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(token.digest(), "HmacSHA256"));
            return mac.doFinal(("session " + claim).getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException | InvalidKeyException e) {
            throw new IllegalStateException(e);
        }
    }
}
