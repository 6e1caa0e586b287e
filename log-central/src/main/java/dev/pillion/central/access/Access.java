package dev.pillion.central.access;

import dev.pillion.central.access.Tokens.Purpose;
import dev.pillion.central.connect.Opening;

import io.helidon.http.HeaderNames;

import java.net.InetSocketAddress;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.logging.Logger;

/**
 * Decides who may send and who may read. While there are no tokens, everybody may who can reach the
 * port; that this is only this machine, or is wanted, is checked at the start. Thread-safe.
 */
public final class Access implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(Access.class.getName());
    private static final String REALM = "Bearer realm=\"log-central\"";
    private static final String BEARER = "bearer ";

    /** Browsers keep 4096 bytes of a cookie, its name and attributes included (RFC 6265, 6.1). */
    private static final int MOST_COOKIE = 3900;

    private final AccessSettings settings;
    private final boolean loopback;
    private final Clock clock;
    private final LiveTokens tokens;
    private final Clients readers;
    private final Clients senders;

    /**
     * @param host address the service listens on
     * @throws IllegalArgumentException with a line for each file that is wrong
     */
    public Access(AccessSettings settings, String host, Clock clock) {
        this.settings = settings;
        this.loopback = Hosts.isLoopback(host);
        this.clock = clock;
        this.readers = new Clients(settings.clientRequests(), System::nanoTime);
        this.senders = new Clients(settings.clientBytes(), System::nanoTime);
        try {
            tokens = new LiveTokens(settings.tokensDirectory());
        } catch (Tokens.Wrong e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
        LOG.info(() -> LiveTokens.describe(tokens.current()));
        settings.signOn().ifPresent(to -> LOG.info(() -> "readers may sign on at " + to.issuer()));
    }

    /**
     * What is wrong with these settings on this address, one line each; nothing if all is well.
     *
     * @param host address the service is to listen on
     */
    public static List<String> mistakes(AccessSettings settings, String host) {
        try {
            Tokens tokens = Tokens.read(settings.tokensDirectory());
            List<String> mistakes = new ArrayList<>();
            if (tokens.isEmpty() && !settings.open() && !Hosts.isLoopback(host)) {
                mistakes.add(
                        "server.host: '"
                                + host
                                + "' is open to others, and "
                                + settings.tokensDirectory()
                                + " (central.access.tokens-directory) has no tokens; put ingest.<name> and read.<name>"
                                + " there, or allow it: -Dcentral.access.open=true");
            }
            if (settings.signOn().isPresent() && tokens.clientSecret().isEmpty()) {
                mistakes.add(
                        "central.access.oidc.issuer: the secret that the provider gave this client"
                                + " is missing; put it into "
                                + settings.tokensDirectory().resolve("oidc.client-secret"));
            }
            return mistakes;
        } catch (Tokens.Wrong e) {
            return e.mistakes();
        }
    }

    /** Who sends records; whoever reads the body tells {@link #sent} how much it was. */
    public Decision sending(Opening request) {
        Decision decision = decide(request, Purpose.INGEST);
        if (decision instanceof Grant grant) {
            long wait = senders.waitSeconds(grant.client());
            if (wait > 0) {
                return tooMuch(
                        wait, settings.clientBytes(), "bytes", "central.access.client-bytes");
            }
        }
        return decision;
    }

    private static Denied tooMuch(long wait, long most, String unit, String key) {
        return new Denied(
                429, "", wait, "more than " + most + " " + unit + " a second (" + key + ")");
    }

    /** Counts what a client sent for its rate limit. */
    public void sent(Grant grant, long bytes) {
        senders.did(grant.client(), bytes);
    }

    /** Who reads, by header or by cookie; counts the request for the client's rate limit. */
    public Decision reading(Opening request) {
        return counted(decide(request, Purpose.READ));
    }

    /** Who comes to log in, and need not be known yet; counts as a read of this address. */
    Decision arriving(Opening request) {
        return counted(new Grant("", "", address(request), Set.of()));
    }

    private Decision counted(Decision decision) {
        if (decision instanceof Grant grant) {
            long wait = readers.waitSeconds(grant.client());
            if (wait > 0) {
                return tooMuch(
                        wait,
                        settings.clientRequests(),
                        "requests",
                        "central.access.client-requests");
            }
            readers.did(grant.client(), 1);
        }
        return decision;
    }

    /** Who reads all there is, of every namespace; a limited token may not. */
    public Decision readingAll(Opening request) {
        Decision decision = reading(request);
        return decision instanceof Grant grant && grant.limited()
                ? new Denied(
                        403, "", 0, "this token is limited to namespaces, and this is about all")
                : decision;
    }

    /** Whether who began to read may go on. */
    public boolean stillReads(Opening request) {
        return decide(request, Purpose.READ) instanceof Grant;
    }

    /** Who asks what is kept of a file: readers, and those who sent it. */
    public Decision readingOrSending(Opening request) {
        return decide(request, Purpose.INGEST) instanceof Grant grant ? grant : reading(request);
    }

    private Decision decide(Opening request, Purpose purpose) {
        Tokens current = tokens.current();
        String address = address(request);
        if (current.isEmpty() && (purpose == Purpose.INGEST || settings.signOn().isEmpty())) {
            return purpose == Purpose.READ && loopback && !settings.open() && !local(request)
                    ? new Denied(
                            403,
                            "",
                            0,
                            "without tokens this is read as localhost only, so that no other site's"
                                    + " page can do it; allow it: -Dcentral.access.open=true")
                    : new Grant("", "", address, Set.of());
        }
        Optional<String> secret = secret(request);
        if (purpose == Purpose.READ && secret.isEmpty()) {
            Optional<Person> person = person(request, current);
            if (person.isPresent()) {
                return new Grant("", person.get().name(), address, person.get().namespaces());
            }
        }
        Optional<Token> token =
                secret.isPresent()
                        ? current.find(purpose, secret.get())
                        : purpose == Purpose.READ ? session(request, current) : Optional.empty();
        if (token.isEmpty()) {
            return new Denied(
                    401,
                    secret.isPresent() ? REALM + ", error=\"invalid_token\"" : REALM,
                    0,
                    secret.isPresent()
                            ? "this token is not valid here"
                            : "a token is required: Authorization: Bearer <token>");
        }
        return new Grant(token.get().name(), "", address, token.get().namespaces());
    }

    private static Optional<String> secret(Opening request) {
        return request.headers()
                .first(HeaderNames.AUTHORIZATION)
                .map(String::strip)
                .filter(value -> value.toLowerCase(Locale.ROOT).startsWith(BEARER))
                .map(value -> value.substring(BEARER.length()).strip());
    }

    private Optional<Token> session(Opening request, Tokens current) {
        long now = clock.instant().getEpochSecond();
        return cookie(request).flatMap(cookie -> Session.token(cookie, current::reading, now));
    }

    private Optional<Person> person(Opening request, Tokens current) {
        if (settings.signOn().isEmpty() || current.clientSecret().isEmpty()) {
            return Optional.empty();
        }
        byte[] key = personsKey(settings.signOn().get(), current.clientSecret().get());
        long now = clock.instant().getEpochSecond();
        return cookie(request).flatMap(cookie -> Session.person(cookie, key, now));
    }

    private static Optional<String> cookie(Opening request) {
        return request.headers().cookies().first(Session.COOKIE).asOptional();
    }

    /** Whether the browser was told to go to this machine by its own name: no rebound DNS name. */
    private static boolean local(Opening request) {
        String host = request.headers().first(HeaderNames.HOST).orElse("localhost");
        return Hosts.isLocal(host.replaceFirst(":\\d+$", ""));
    }

    private static String address(Opening request) {
        return request.peer() instanceof InetSocketAddress socket
                ? socket.getAddress().getHostAddress()
                : "unknown";
    }

    /**
     * The cookie for the browser that shows a token for reading with this request; nothing if it
     * does not, or if none is required.
     */
    Optional<String> login(Opening request) {
        return secret(request)
                .flatMap(secret -> tokens.current().find(Purpose.READ, secret))
                .map(token -> Session.of(token, end()));
    }

    private long end() {
        return clock.instant().plus(settings.session()).getEpochSecond();
    }

    /**
     * What a cookie says of a person was so by these settings: under others it is worth nothing.
     */
    private static byte[] personsKey(SignOnSettings signOn, String clientSecret) {
        return Token.digest(
                String.join("\n", signOn.issuer(), signOn.namespacesClaim(), clientSecret));
    }

    /** The cookie for a person who signed on. */
    String signedOn(Person person) throws SignOnFailed {
        byte[] key = personsKey(settings.signOn().orElseThrow(), clientSecret());
        String cookie = Session.of(person, key, end());
        if (cookie.length() > MOST_COOKIE) {
            throw SignOnFailed.refused(
                    person.name() + " has more namespaces than a browser's cookie holds");
        }
        return cookie;
    }

    /** What this service shows the OpenID provider. */
    String clientSecret() throws SignOnFailed {
        return tokens.current()
                .clientSecret()
                .orElseThrow(
                        () ->
                                SignOnFailed.provider(
                                        "the client's secret is not there any more: "
                                                + settings.tokensDirectory()
                                                        .resolve("oidc.client-secret")));
    }

    /** Whether readers have to show who they are. */
    boolean loginRequired() {
        return !tokens.current().isEmpty() || settings.signOn().isPresent();
    }

    Clock clock() {
        return clock;
    }

    AccessSettings settings() {
        return settings;
    }

    @Override
    public void close() {
        tokens.close();
    }
}
