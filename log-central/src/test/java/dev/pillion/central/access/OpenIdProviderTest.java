package dev.pillion.central.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pillion.central.TinyOpenIdProvider;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Who somebody is, by what a provider says over real HTTP. */
class OpenIdProviderTest {

    private static final Pattern ANSWER = Pattern.compile("code=(.*)&state=(.*)");
    private static final String NONCE = "nonce-0123456789";
    private static final String VERIFIER = "verifier-0123456789-0123456789-0123456789-01";

    private TinyOpenIdProvider provider;

    @BeforeEach
    void start() throws Exception {
        provider = new TinyOpenIdProvider();
    }

    @AfterEach
    void stop() {
        provider.close();
    }

    private SignOnSettings settings(String issuer, String namespacesClaim, Duration timeout) {
        return new SignOnSettings(
                issuer,
                TinyOpenIdProvider.CLIENT,
                URI.create("https://logs.example.org/here/"),
                "openid email",
                "email",
                namespacesClaim,
                timeout);
    }

    private OpenIdProvider client(String namespacesClaim) {
        return new OpenIdProvider(
                settings(provider.issuer(), namespacesClaim, Duration.ofSeconds(30)),
                Clock.systemUTC());
    }

    /** As a browser does: goes to the provider's page and comes back with what it says. */
    private static String code(OpenIdProvider client, String state) throws Exception {
        URI to =
                client.authorization(
                        state,
                        NONCE,
                        Base64.getUrlEncoder()
                                .withoutPadding()
                                .encodeToString(Token.digest(VERIFIER)));
        HttpResponse<Void> sent =
                HttpClient.newHttpClient()
                        .send(
                                HttpRequest.newBuilder(to).build(),
                                HttpResponse.BodyHandlers.discarding());
        assertEquals(302, sent.statusCode());
        URI back = URI.create(sent.headers().firstValue("Location").orElseThrow());
        assertTrue(
                back.toString().startsWith("https://logs.example.org/here/api/sign-on/callback?"),
                back.toString());
        Matcher answer = ANSWER.matcher(back.getQuery());
        assertTrue(answer.matches(), back.getQuery());
        assertEquals(state, answer.group(2));
        return answer.group(1);
    }

    private static Person signOn(OpenIdProvider client) throws Exception {
        return client.person(code(client, "state"), VERIFIER, NONCE, TinyOpenIdProvider.SECRET);
    }

    private String refusal(OpenIdProvider client) {
        return assertThrows(SignOnFailed.class, () -> signOn(client)).getMessage();
    }

    @Test
    void knowsThePersonByItsEmailOrElseItsSubject() throws Exception {
        assertEquals(new Person("ann@example.org", Set.of()), signOn(client("")));
        provider.claims.put("email", "");
        provider.claims.put("email_verified", "\"yes\"");
        provider.claims.put("birthdate", "\"0000-10-31\"");
        assertEquals(new Person("4711", Set.of()), signOn(client("")));
        provider.algorithm = "ES256";
        assertEquals(new Person("4711", Set.of()), signOn(client("")));
        provider.claims.put("aud", "[\"other\",\"log-central\"]");
        provider.claims.put("azp", "\"log-central\"");
        assertEquals(new Person("4711", Set.of()), signOn(client("")));
    }

    @Test
    void limitsToTheNamespacesOfTheClaim() throws Exception {
        provider.claims.put("groups", "[\"shop\",\"Not A Namespace\",\"bank\"]");
        assertEquals(Set.of("shop", "bank"), signOn(client("groups")).namespaces());
        provider.claims.put("groups", "\"shop bank\"");
        assertEquals(Set.of("shop", "bank"), signOn(client("groups")).namespaces());
        provider.claims.put("groups", "[\"shop\",\"*\"]");
        assertEquals(Set.of(), signOn(client("groups")).namespaces());
        for (String none : new String[] {"", "[]", "7", "[{}]", "\"\"", "\"UPPER\""}) {
            provider.claims.put("groups", none);
            assertEquals(
                    "ann@example.org may read no namespace: the provider's claim 'groups'"
                            + " (central.access.oidc.namespaces-claim) names none",
                    refusal(client("groups")));
        }
    }

    @Test
    void believesNoTokenThatIsNotSignedForThis() {
        Instant now = Instant.now();
        Map<String, String> wrong =
                Map.of(
                        "iss", "\"https://elsewhere.example\"",
                        "aud", "\"another-client\"",
                        "azp", "\"another-client\"",
                        "nonce", "\"another nonce\"",
                        "exp", Long.toString(now.minusSeconds(90).getEpochSecond()),
                        "nbf", Long.toString(now.plusSeconds(90).getEpochSecond()),
                        "sub", "");
        wrong.forEach(
                (claim, value) -> {
                    provider.claims.clear();
                    provider.claims.put(claim, value);
                    assertEquals(
                            "the provider's ID token is not for this: " + claim,
                            refusal(client("")));
                });
        for (String claim : new String[] {"iss", "aud", "exp", "nonce"}) {
            provider.claims.clear();
            provider.claims.put(claim, "");
            assertEquals("the provider's ID token is not for this: " + claim, refusal(client("")));
        }
        provider.claims.clear();
        provider.claims.put("exp", "\"soon\"");
        assertEquals("the provider's ID token is not for this: exp", refusal(client("")));
        provider.claims.clear();
        for (String algorithm : new String[] {"none", "foreign"}) {
            provider.algorithm = algorithm;
            assertEquals("the provider's ID token is not signed by its keys", refusal(client("")));
        }
    }

    @Test
    void takesACodeOnceAndOnlyWithItsVerifier() throws Exception {
        OpenIdProvider client = client("");
        String code = code(client, "one");
        client.person(code, VERIFIER, NONCE, TinyOpenIdProvider.SECRET);
        SignOnFailed again =
                assertThrows(
                        SignOnFailed.class,
                        () -> client.person(code, VERIFIER, NONCE, TinyOpenIdProvider.SECRET));
        assertEquals(
                "the token was refused by the provider: 400 invalid_grant used before",
                again.getMessage());
        String other = code(client, "two");
        assertThrows(
                SignOnFailed.class,
                () -> client.person(other, "guessed", NONCE, TinyOpenIdProvider.SECRET));
        String third = code(client, "three");
        SignOnFailed secret =
                assertThrows(
                        SignOnFailed.class,
                        () -> client.person(third, VERIFIER, NONCE, "not the secret"));
        assertEquals(
                "the token was refused by the provider: 401 invalid_client",
                secret.getMessage().strip());
    }

    @Test
    void showsItsSecretAsTheProviderWantsIt() throws Exception {
        provider.discovery.put("token_endpoint_auth_methods_supported", "[\"client_secret_post\"]");
        assertEquals("ann@example.org", signOn(client("")).name());
    }

    @Test
    void saysWhatIsWrongWithTheProvider() throws Exception {
        provider.discovery.put("token_endpoint_auth_methods_supported", "7");
        provider.discovery.put("token_endpoint", "\"http://elsewhere.example/token\"");
        assertEquals(
                "the provider's token_endpoint 'http://elsewhere.example/token' is not https",
                refusal(client("")));
        provider.discovery.put("issuer", "\"https://elsewhere.example\"");
        assertEquals(
                "the provider names itself 'https://elsewhere.example', and not as"
                        + " central.access.oidc.issuer does",
                refusal(client("")));
        String gone = provider.issuer();
        provider.close();
        assertEquals(
                "the provider cannot be reached: ConnectException",
                refusal(
                        new OpenIdProvider(
                                settings(gone, "", Duration.ofSeconds(30)), Clock.systemUTC())));
        try (ServerSocket silent = new ServerSocket(0)) {
            String issuer = "http://127.0.0.1:" + silent.getLocalPort();
            assertEquals(
                    "the provider does not answer within 1 s (central.access.oidc.timeout)",
                    refusal(
                            new OpenIdProvider(
                                    settings(issuer, "", Duration.ofSeconds(1)),
                                    Clock.systemUTC())));
        }
    }
}
