package dev.pillion.central.access;

import dev.pillion.central.connect.Opening;

import io.helidon.http.HeaderNames;
import io.helidon.http.SetCookie;
import io.helidon.http.Status;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.logging.Logger;

/**
 * {@code /api/sign-on}: sends a browser to the OpenID provider, and gives who comes back the cookie
 * of a session. What was sent is tied to the browser by one random value in a cookie of its own,
 * from which state, nonce and verifier are derived: nothing is kept here.
 *
 * @see OpenIdProvider who is asked
 * @see Session the cookie of who signed on
 */
public final class SignOnService implements HttpService {

    private static final Logger LOG = Logger.getLogger(SignOnService.class.getName());

    private static final String COOKIE = "log-central-sign-on";
    private static final Duration WITHIN = Duration.ofMinutes(10);
    private static final int RANDOM_BYTES = 32;

    /** Letters of an error of the provider's that are shown. */
    private static final int MOST_TOLD = 200;

    private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();

    private final Access access;
    private final SignOnSettings settings;
    private final OpenIdProvider provider;
    private final SecureRandom random = new SecureRandom();

    public SignOnService(Access access, SignOnSettings settings) {
        this.access = access;
        this.settings = settings;
        this.provider = new OpenIdProvider(settings, access.clock());
    }

    @Override
    public void routing(HttpRules rules) {
        rules.get("/", handler(this::begin)).get("/callback", handler(this::callback));
    }

    /** One half of signing on: says where the browser goes next. */
    private interface Step {
        String next(ServerRequest request, ServerResponse response) throws SignOnFailed;
    }

    private Handler handler(Step step) {
        return (request, response) -> {
            if (access.arriving(Opening.of(request)) instanceof Denied denied) {
                denied.headers(response);
                tell(response, denied.status(), denied.message());
                return;
            }
            try {
                String next = step.next(request, response);
                response.status(Status.FOUND_302);
                response.header(HeaderNames.LOCATION, next);
                response.header(HeaderNames.CACHE_CONTROL, "no-store");
                response.send();
            } catch (SignOnFailed e) {
                LOG.warning(() -> "sign-on: " + e.getMessage());
                tell(response, e.status(), e.getMessage());
            }
        };
    }

    private String begin(ServerRequest request, ServerResponse response) throws SignOnFailed {
        byte[] bytes = new byte[RANDOM_BYTES];
        random.nextBytes(bytes);
        String secret = BASE64.encodeToString(bytes);
        String to =
                provider.authorization(
                                derived(secret, "state"),
                                derived(secret, "nonce"),
                                digest(derived(secret, "verifier")))
                        .toString();
        response.headers().addCookie(cookie(secret).maxAge(WITHIN).build());
        return to;
    }

    private String callback(ServerRequest request, ServerResponse response) throws SignOnFailed {
        Opening opening = Opening.of(request);
        String secret = request.headers().cookies().first(COOKIE).orElse("");
        if (secret.isEmpty() || !same(opening.text("state"), derived(secret, "state"))) {
            throw SignOnFailed.stranger("this sign-on began too long ago, or in another browser");
        }
        response.headers().addCookie(cookie("").expires(Instant.EPOCH).build());
        Person person = person(opening, secret);
        response.headers()
                .addCookie(
                        Session.cookie(access.signedOn(person), secure())
                                .maxAge(access.settings().session())
                                .build());
        LOG.info(() -> "signed on: " + person.name());
        return settings.address().toString();
    }

    private Person person(Opening opening, String secret) throws SignOnFailed {
        if (!opening.text("error").isEmpty()) {
            throw SignOnFailed.refused(
                    "the provider said: "
                            + printable(
                                    opening.text("error")
                                            + " "
                                            + opening.text("error_description")));
        }
        return provider.person(
                opening.text("code"),
                derived(secret, "verifier"),
                derived(secret, "nonce"),
                access.clientSecret());
    }

    private SetCookie.Builder cookie(String value) {
        // Lax: it has to come along when the provider's page leads back to here.
        return SetCookie.builder(COOKIE, value)
                .path("/")
                .httpOnly(true)
                .secure(secure())
                .sameSite(SetCookie.SameSite.LAX);
    }

    private boolean secure() {
        return settings.address().getScheme().equals("https");
    }

    private static String derived(String secret, String use) {
        return digest(use + " " + secret);
    }

    private static String digest(String text) {
        return BASE64.encodeToString(Token.digest(text));
    }

    private static boolean same(String one, String other) {
        return MessageDigest.isEqual(
                one.getBytes(StandardCharsets.UTF_8), other.getBytes(StandardCharsets.UTF_8));
    }

    private static String printable(String text) {
        String plain = text.strip().replaceAll("[^\\x20-\\x7e]", "?");
        return plain.substring(0, Math.min(plain.length(), MOST_TOLD));
    }

    private void tell(ServerResponse response, int status, String message) {
        response.status(Status.create(status));
        response.header(HeaderNames.CONTENT_TYPE, "text/plain; charset=utf-8");
        response.header("X-Content-Type-Options", "nosniff");
        response.header(HeaderNames.CACHE_CONTROL, "no-store");
        String text =
                "Not signed on: " + message + ".\nTo begin again: " + settings.address() + "\n";
        response.send(text.getBytes(StandardCharsets.UTF_8));
    }
}
