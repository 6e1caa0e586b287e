package dev.pillion.ambassador.postgres;

import dev.pillion.ambassador.routes.Route;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What an application is told when its upstream refuses a login, or we refuse the upstream. */
final class Refusal {

    /** Quotation marks of PostgreSQL's translations; French and others put a space inside. */
    private static final String OPENING = "[\"'`\\p{Pi}\\p{Pf}\\p{Ps}][ \u00a0]?";

    private static final String CLOSING = "[ \u00a0]?[\"'\\p{Pi}\\p{Pf}\\p{Pe}\\p{Ps}]";

    private Refusal() {}

    /** The upstream wants what we must not or cannot do; it will the next time as well. */
    static LoginFailure unacceptable(Route.Postgres route, String why) {
        return LoginFailure.lasting(
                "authentication", "28000", "route " + route.name() + ": " + why);
    }

    /** The upstream's own words, but for those that would tell the real user's name. */
    static LoginFailure said(Route.Postgres route, Message error) {
        String code = error.fields().getOrDefault('C', "XX000");
        return switch (code) {
            case "28P01" ->
                    LoginFailure.lasting(
                            "credential_refused",
                            code,
                            "the upstream refused the credential of route "
                                    + route.name()
                                    + "; check route."
                                    + route.name()
                                    + ".user and .password in the Secret");
            case "28000" ->
                    LoginFailure.lasting(
                            "credential_refused",
                            code,
                            "the upstream does not let the user of route "
                                    + route.name()
                                    + " in from here; check its pg_hba.conf, and whether the role"
                                    + " may log in");
            // Starting up, shutting down, too many: it may be over in a moment.
            case "57P03", "57P01", "57P02" ->
                    LoginFailure.upstreamSaid(withoutUser(route, error), true);
            default -> LoginFailure.upstreamSaid(withoutUser(route, error), false);
        };
    }

    /** As in: too many connections for role "…", in whatever quotes the server's language has. */
    private static Message withoutUser(Route.Postgres route, Message error) {
        Pattern named = Pattern.compile(OPENING + Pattern.quote(route.user()) + CLOSING);
        String instead = Matcher.quoteReplacement("of route " + route.name());
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        error.fields()
                .forEach(
                        (code, text) -> {
                            body.write(code);
                            body.writeBytes(
                                    named.matcher(text)
                                            .replaceAll(instead)
                                            .getBytes(StandardCharsets.UTF_8));
                            body.write(0);
                        });
        body.write(0);
        return new Message('E', body.toByteArray());
    }
}
