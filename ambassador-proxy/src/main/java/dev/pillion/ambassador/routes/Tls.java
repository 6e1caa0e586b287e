package dev.pillion.ambassador.routes;

import java.util.Optional;

/**
 * How a route's upstream is encrypted and believed; names as libpq's {@code sslmode} has them.
 *
 * @param mode what is asked of the upstream
 * @param authority PEM certificates to trust; empty means those the JDK trusts
 */
public record Tls(Mode mode, Optional<String> authority) {

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
            return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
        }
    }

    /** Whether anything is encrypted. */
    public boolean enabled() {
        return mode != Mode.DISABLE;
    }
}
