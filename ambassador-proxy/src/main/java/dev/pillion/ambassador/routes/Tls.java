package dev.pillion.ambassador.routes;

import java.util.Locale;
import java.util.Optional;

/**
 * How a route's upstream is encrypted and believed; names as libpq has them.
 *
 * @param mode what is asked of the upstream
 * @param authority PEM certificates to trust; empty means those the JDK trusts
 * @param identity what we show to an upstream that asks who we are
 * @param negotiation how PostgreSQL is asked for TLS; of no meaning elsewhere
 */
public record Tls(
        Mode mode,
        Optional<String> authority,
        Optional<Identity> identity,
        Negotiation negotiation) {

    /** libpq's sslmode without its two modes that fall back to plain text. */
    public enum Mode {
        /** Plain text. */
        DISABLE,
        /** Encrypted, to whomever. */
        REQUIRE,
        /** The certificate must chain to a trusted authority. */
        VERIFY_CA,
        /** And must name the host that was dialled. */
        VERIFY_FULL;

        /** As it is written in a configuration: {@code verify-full}. */
        public String text() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /** libpq's sslnegotiation. */
    public enum Negotiation {
        /** Ask by SSLRequest first, as every server understands. */
        POSTGRES,
        /** Begin with the handshake: a round trip less; PostgreSQL 17 and later. */
        DIRECT
    }

    /** Whether anything is encrypted. */
    public boolean enabled() {
        return mode != Mode.DISABLE;
    }

    /** Whether the server has to prove by its certificate who it is. */
    public boolean verified() {
        return mode == Mode.VERIFY_CA || mode == Mode.VERIFY_FULL;
    }
}
