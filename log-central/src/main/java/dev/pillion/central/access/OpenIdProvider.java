package dev.pillion.central.access;

import io.helidon.common.Errors;
import io.helidon.security.jwt.SignedJwt;
import io.helidon.security.jwt.jwk.Jwk;
import io.helidon.security.jwt.jwk.JwkKeys;

import jakarta.json.Json;
import jakarta.json.JsonArray;
import jakarta.json.JsonException;
import jakarta.json.JsonNumber;
import jakarta.json.JsonObject;
import jakarta.json.JsonString;
import jakarta.json.JsonValue;

import java.io.ByteArrayInputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;

/**
 * The OpenID provider: where people are sent to, and who they are by the code they come back with.
 * Each call asks it over HTTP on the calling thread, within the time of the settings. Thread-safe.
 *
 * @see <a href="https://openid.net/specs/openid-connect-core-1_0.html#CodeFlowAuth">OpenID Connect
 *     Core, 3.1: authorization code flow</a>
 */
final class OpenIdProvider {

    /** What the provider says of itself is asked for again after this long. */
    private static final Duration KEPT = Duration.ofMinutes(10);

    /** How far its clock may be from ours. */
    private static final Duration SKEW = Duration.ofMinutes(1);

    private static final int MOST_BYTES = 1 << 20;

    /** The value of the claim of namespaces that stands for all of them. */
    private static final String ALL = "*";

    private static final int OK = 200;

    private final SignOnSettings settings;
    private final Clock clock;
    private final HttpClient http;
    private volatile Optional<Endpoints> known = Optional.empty();

    /**
     * @param inBody whether the client's secret goes into the body, because the provider takes no
     *     other way
     */
    private record Endpoints(
            URI authorization, URI token, URI keys, boolean inBody, Instant until) {}

    OpenIdProvider(SignOnSettings settings, Clock clock) {
        this.settings = settings;
        this.clock = clock;
        this.http = HttpClient.newBuilder().connectTimeout(settings.timeout()).build();
    }

    /**
     * Where a person signs on.
     *
     * @param challenge SHA-256 of the verifier that {@link #person} will show (RFC 7636)
     */
    URI authorization(String state, String nonce, String challenge) throws SignOnFailed {
        String at = endpoints().authorization().toString();
        return URI.create(
                at
                        + (at.contains("?") ? "&" : "?")
                        + form(
                                Map.of(
                                        "response_type",
                                        "code",
                                        "client_id",
                                        settings.clientId(),
                                        "redirect_uri",
                                        settings.callback().toString(),
                                        "scope",
                                        settings.scopes(),
                                        "state",
                                        state,
                                        "nonce",
                                        nonce,
                                        "code_challenge",
                                        challenge,
                                        "code_challenge_method",
                                        "S256")));
    }

    /**
     * Who came back with a code.
     *
     * @throws SignOnFailed if the provider does not say so with its signature, for this service,
     *     now, and in answer to this nonce
     */
    Person person(String code, String verifier, String nonce, String secret) throws SignOnFailed {
        Endpoints endpoints = endpoints();
        JsonObject answer = ask("the token", exchange(endpoints, code, verifier, secret));
        JsonObject keys = ask("the keys", HttpRequest.newBuilder(endpoints.keys()));
        try {
            return person(verified(answer.getString("id_token", ""), JwkKeys.create(keys)), nonce);
        } catch (RuntimeException e) {
            // Helidon's parsers throw many kinds for what the provider did wrong, and quote it.
            throw SignOnFailed.refused(
                    "the provider's ID token cannot be read ("
                            + e.getClass().getSimpleName()
                            + ")");
        }
    }

    private HttpRequest.Builder exchange(
            Endpoints endpoints, String code, String verifier, String secret) {
        Map<String, String> parameters =
                Map.of(
                        "grant_type",
                        "authorization_code",
                        "code",
                        code,
                        "redirect_uri",
                        settings.callback().toString(),
                        "code_verifier",
                        verifier);
        HttpRequest.Builder request =
                HttpRequest.newBuilder(endpoints.token())
                        .header("Content-Type", "application/x-www-form-urlencoded");
        String body = form(parameters);
        if (endpoints.inBody()) {
            body += "&" + form(Map.of("client_id", settings.clientId(), "client_secret", secret));
        } else {
            String both = encoded(settings.clientId()) + ":" + encoded(secret);
            request.header(
                    "Authorization",
                    "Basic "
                            + Base64.getEncoder()
                                    .encodeToString(both.getBytes(StandardCharsets.UTF_8)));
        }
        return request.POST(HttpRequest.BodyPublishers.ofString(body));
    }

    /**
     * The claims of a token that one of the keys signed. Only what is asked for is read: a birthday
     * that is none must keep nobody out.
     */
    private static JsonObject verified(String token, JwkKeys keys) throws SignOnFailed {
        SignedJwt signed = SignedJwt.parseToken(token);
        // A provider that has one key need not name it.
        Jwk only = keys.keys().size() == 1 ? keys.keys().getFirst() : null;
        Errors errors = signed.verifySignature(keys, only);
        String[] parts = token.split("\\.", -1);
        // What must be understood (RFC 7515, 4.1.11) is not.
        if (!errors.isValid() || part(parts[0]).containsKey("crit")) {
            throw SignOnFailed.refused("the provider's ID token is not signed by its keys");
        }
        return part(parts[1]);
    }

    private static JsonObject part(String base64) {
        return json(Base64.getUrlDecoder().decode(base64));
    }

    private Person person(JsonObject claims, String nonce) throws SignOnFailed {
        Instant now = clock.instant();
        require(settings.issuer().equals(claims.getString("iss", "")), "iss");
        require(texts(claims, "aud").contains(settings.clientId()), "aud");
        require(settings.clientId().equals(claims.getString("azp", settings.clientId())), "azp");
        require(now.minus(SKEW).isBefore(time(claims, "exp", Instant.EPOCH)), "exp");
        require(now.plus(SKEW).isAfter(time(claims, "nbf", Instant.EPOCH)), "nbf");
        require(nonce.equals(claims.getString("nonce", "")), "nonce");
        String subject = claims.getString("sub", "");
        require(!subject.isBlank(), "sub");
        String user = claims.getString(settings.userClaim(), "");
        String name = user.isBlank() ? subject : user;
        return new Person(name, namespaces(claims, name));
    }

    private static void require(boolean condition, String claim) throws SignOnFailed {
        if (!condition) {
            throw SignOnFailed.refused("the provider's ID token is not for this: " + claim);
        }
    }

    private static Instant time(JsonObject claims, String name, Instant absent) {
        return claims.get(name) instanceof JsonNumber seconds
                ? Instant.ofEpochSecond(seconds.longValue())
                : absent;
    }

    /** The texts of a claim that is one or a list of them. */
    private static List<String> texts(JsonObject claims, String name) {
        JsonValue value = claims.getOrDefault(name, JsonValue.EMPTY_JSON_ARRAY);
        List<JsonValue> all = value instanceof JsonArray array ? array : List.of(value);
        return all.stream()
                .filter(JsonString.class::isInstance)
                .map(text -> ((JsonString) text).getString())
                .toList();
    }

    private Set<String> namespaces(JsonObject claims, String name) throws SignOnFailed {
        String claim = settings.namespacesClaim();
        if (claim.isEmpty()) {
            return Set.of();
        }
        Set<String> namespaces = new TreeSet<>();
        for (String text : texts(claims, claim)) {
            namespaces.addAll(List.of(text.split("[,\\s]+", -1)));
        }
        if (namespaces.contains(ALL)) {
            return Set.of();
        }
        namespaces.removeIf(each -> !Tokens.isNamespace(each));
        if (namespaces.isEmpty()) {
            throw SignOnFailed.refused(
                    name
                            + " may read no namespace: the provider's claim '"
                            + claim
                            + "' (central.access.oidc.namespaces-claim) names none");
        }
        return namespaces;
    }

    private Endpoints endpoints() throws SignOnFailed {
        Instant now = clock.instant();
        Optional<Endpoints> before = known.filter(each -> now.isBefore(each.until()));
        if (before.isPresent()) {
            return before.get();
        }
        String at = settings.issuer().replaceFirst("/$", "") + "/.well-known/openid-configuration";
        JsonObject said = ask(at, HttpRequest.newBuilder(URI.create(at)));
        if (!settings.issuer().equals(said.getString("issuer", ""))) {
            throw SignOnFailed.provider(
                    "the provider names itself '"
                            + said.getString("issuer", "")
                            + "', and not as central.access.oidc.issuer does");
        }
        boolean inBody =
                said.get("token_endpoint_auth_methods_supported") instanceof JsonArray ways
                        && !ways.contains(Json.createValue("client_secret_basic"));
        Endpoints found =
                new Endpoints(
                        endpoint(said, "authorization_endpoint"),
                        endpoint(said, "token_endpoint"),
                        endpoint(said, "jwks_uri"),
                        inBody,
                        now.plus(KEPT));
        known = Optional.of(found);
        return found;
    }

    private static URI endpoint(JsonObject said, String name) throws SignOnFailed {
        String text = said.getString(name, "");
        try {
            URI uri = URI.create(text);
            if (Hosts.isSafe(uri)) {
                return uri;
            }
        } catch (IllegalArgumentException e) {
            // Said below.
        }
        throw SignOnFailed.provider("the provider's " + name + " '" + text + "' is not https");
    }

    private JsonObject ask(String what, HttpRequest.Builder request) throws SignOnFailed {
        CompletableFuture<HttpResponse<byte[]>> answer =
                http.sendAsync(
                        request.header("Accept", "application/json").build(),
                        BodyHandlers.limiting(BodyHandlers.ofByteArray(), MOST_BYTES));
        try {
            HttpResponse<byte[]> response =
                    answer.get(settings.timeout().toMillis(), TimeUnit.MILLISECONDS);
            JsonObject json = json(response.body());
            if (response.statusCode() != OK) {
                throw SignOnFailed.provider(
                        what
                                + " was refused by the provider: "
                                + response.statusCode()
                                + " "
                                + json.getString("error", "")
                                + " "
                                + json.getString("error_description", ""));
            }
            return json;
        } catch (TimeoutException e) {
            answer.cancel(true);
            throw SignOnFailed.provider(
                    "the provider does not answer within "
                            + settings.timeout().toSeconds()
                            + " s (central.access.oidc.timeout)");
        } catch (ExecutionException e) {
            throw SignOnFailed.provider(
                    "the provider cannot be reached: " + e.getCause().getClass().getSimpleName());
        } catch (JsonException e) {
            throw SignOnFailed.provider("the provider did not answer with JSON: " + what);
        } catch (InterruptedException e) {
            answer.cancel(true);
            Thread.currentThread().interrupt();
            throw SignOnFailed.provider("log-central is stopping");
        }
    }

    private static JsonObject json(byte[] bytes) {
        try (var reader = Json.createReader(new ByteArrayInputStream(bytes))) {
            return reader.readObject();
        }
    }

    private static String form(Map<String, String> parameters) {
        return parameters.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .map(each -> each.getKey() + "=" + encoded(each.getValue()))
                .collect(Collectors.joining("&"));
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
