package dev.pillion.central;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * An OpenID provider over real HTTP: discovery, authorization code with PKCE, tokens that it signs,
 * its keys. Whoever comes is let in at once. It is strict with its client, and a test may make it
 * say wrong things.
 */
public final class TinyOpenIdProvider implements AutoCloseable {

    public static final String CLIENT = "log-central";
    public static final String SECRET = "the client's secret: + / %";

    private final HttpServer server;
    private final KeyPair rsa;
    private final KeyPair ec;
    private final KeyPair foreign;
    private final Map<String, Asked> codes = new ConcurrentHashMap<>();

    /** Claims that replace or join the right ones, as JSON; an empty value removes one. */
    public final Map<String, String> claims = new ConcurrentHashMap<>();

    /** {@code RS256}, {@code ES256}, {@code none}, or {@code foreign}: RS256 by another's key. */
    public volatile String algorithm = "RS256";

    /** Members that replace or join those of the discovery document, as JSON. */
    public final Map<String, String> discovery = new ConcurrentHashMap<>();

    private record Asked(String redirect, String nonce, String challenge) {}

    public TinyOpenIdProvider() throws IOException, GeneralSecurityException {
        rsa = keys("RSA");
        foreign = keys("RSA");
        ec = keys("EC");
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/.well-known/openid-configuration", this::discovery);
        server.createContext("/authorize", this::authorize);
        server.createContext("/token", this::token);
        server.createContext("/keys", this::keys);
        server.start();
    }

    private static KeyPair keys(String kind) throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance(kind);
        if (kind.equals("EC")) {
            generator.initialize(new ECGenParameterSpec("secp256r1"));
        } else {
            generator.initialize(2048);
        }
        return generator.generateKeyPair();
    }

    public String issuer() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    private void discovery(HttpExchange exchange) throws IOException {
        Map<String, String> document = new LinkedHashMap<>();
        document.put("issuer", quoted(issuer()));
        document.put("authorization_endpoint", quoted(issuer() + "/authorize?a=b"));
        document.put("token_endpoint", quoted(issuer() + "/token"));
        document.put("jwks_uri", quoted(issuer() + "/keys"));
        document.putAll(discovery);
        answer(exchange, 200, json(document));
    }

    private void authorize(HttpExchange exchange) throws IOException {
        Map<String, String> asked = parameters(exchange.getRequestURI().getRawQuery());
        if (!"code".equals(asked.get("response_type"))
                || !CLIENT.equals(asked.get("client_id"))
                || !"S256".equals(asked.get("code_challenge_method"))
                || !asked.get("scope").contains("openid")) {
            answer(exchange, 400, "{\"error\":\"invalid_request\"}");
            return;
        }
        String code = "code-" + codes.size() + "&" + System.nanoTime();
        codes.put(
                code,
                new Asked(
                        asked.get("redirect_uri"),
                        asked.get("nonce"),
                        asked.get("code_challenge")));
        exchange.getResponseHeaders()
                .add(
                        "Location",
                        asked.get("redirect_uri")
                                + "?code="
                                + RunningCentral.encoded(code)
                                + "&state="
                                + asked.get("state"));
        exchange.sendResponseHeaders(302, -1);
        exchange.close();
    }

    private void token(HttpExchange exchange) throws IOException {
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        Map<String, String> sent = parameters(body);
        if (!isClient(exchange, sent)) {
            answer(exchange, 401, "{\"error\":\"invalid_client\"}");
            return;
        }
        Asked asked = codes.remove(sent.getOrDefault("code", ""));
        try {
            if (asked == null
                    || !"authorization_code".equals(sent.get("grant_type"))
                    || !asked.redirect().equals(sent.get("redirect_uri"))
                    || !asked.challenge().equals(sha256(sent.get("code_verifier")))) {
                answer(
                        exchange,
                        400,
                        "{\"error\":\"invalid_grant\",\"error_description\":\"used before\"}");
                return;
            }
            answer(
                    exchange,
                    200,
                    "{\"access_token\":\"opaque\",\"token_type\":\"Bearer\",\"id_token\":"
                            + quoted(idToken(asked.nonce()))
                            + "}");
        } catch (GeneralSecurityException e) {
            throw new IOException(e);
        }
    }

    private static boolean isClient(HttpExchange exchange, Map<String, String> sent) {
        String header = exchange.getRequestHeaders().getFirst("Authorization");
        if (header == null) {
            return CLIENT.equals(sent.get("client_id")) && SECRET.equals(sent.get("client_secret"));
        }
        String both =
                new String(
                        Base64.getDecoder().decode(header.substring("Basic ".length())),
                        StandardCharsets.UTF_8);
        return Arrays.stream(both.split(":", -1))
                .map(TinyOpenIdProvider::decoded)
                .toList()
                .equals(List.of(CLIENT, SECRET));
    }

    private String idToken(String nonce) throws GeneralSecurityException {
        long now = Instant.now().getEpochSecond();
        Map<String, String> all = new LinkedHashMap<>();
        all.put("iss", quoted(issuer()));
        all.put("sub", "\"4711\"");
        all.put("aud", quoted(CLIENT));
        all.put("iat", Long.toString(now));
        all.put("exp", Long.toString(now + 300));
        all.put("nonce", quoted(nonce));
        all.put("email", "\"ann@example.org\"");
        all.putAll(claims);
        all.values().removeIf(String::isEmpty);
        String header =
                switch (algorithm) {
                    case "ES256" -> "{\"alg\":\"ES256\",\"kid\":\"ec\"}";
                    case "none" -> "{\"alg\":\"none\"}";
                    default -> "{\"alg\":\"RS256\",\"kid\":\"rsa\"}";
                };
        String content =
                base64(header.getBytes(StandardCharsets.UTF_8))
                        + "."
                        + base64(json(all).getBytes(StandardCharsets.UTF_8));
        return content + "." + base64(signature(content.getBytes(StandardCharsets.UTF_8)));
    }

    private byte[] signature(byte[] content) throws GeneralSecurityException {
        if (algorithm.equals("none")) {
            return new byte[0];
        }
        boolean elliptic = algorithm.equals("ES256");
        Signature signature =
                Signature.getInstance(elliptic ? "SHA256withECDSAinP1363Format" : "SHA256withRSA");
        KeyPair own = elliptic ? ec : rsa;
        signature.initSign((algorithm.equals("foreign") ? foreign : own).getPrivate());
        signature.update(content);
        return signature.sign();
    }

    private void keys(HttpExchange exchange) throws IOException {
        RSAPublicKey one = (RSAPublicKey) rsa.getPublic();
        ECPublicKey two = (ECPublicKey) ec.getPublic();
        answer(
                exchange,
                200,
                "{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"rsa\",\"use\":\"sig\",\"n\":"
                        + quoted(base64(one.getModulus().toByteArray()))
                        + ",\"e\":"
                        + quoted(base64(one.getPublicExponent().toByteArray()))
                        + "},{\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\"ec\",\"use\":\"sig\",\"x\":"
                        + quoted(base64(two.getW().getAffineX().toByteArray()))
                        + ",\"y\":"
                        + quoted(base64(two.getW().getAffineY().toByteArray()))
                        + "}]}");
    }

    private static String json(Map<String, String> members) {
        return members.entrySet().stream()
                .map(each -> quoted(each.getKey()) + ":" + each.getValue())
                .collect(Collectors.joining(",", "{", "}"));
    }

    private static String quoted(String text) {
        return "\"" + text + "\"";
    }

    private static String base64(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private static String sha256(String text) throws GeneralSecurityException {
        return base64(
                MessageDigest.getInstance("SHA-256")
                        .digest(text.getBytes(StandardCharsets.US_ASCII)));
    }

    private static Map<String, String> parameters(String form) {
        return Arrays.stream(form.split("&", -1))
                .map(each -> each.split("=", 2))
                .collect(Collectors.toMap(each -> each[0], each -> decoded(each[1])));
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }

    private static void answer(HttpExchange exchange, int status, String json) throws IOException {
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().add("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
