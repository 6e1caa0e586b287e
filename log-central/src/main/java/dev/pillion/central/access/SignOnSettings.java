package dev.pillion.central.access;

import java.net.URI;
import java.time.Duration;

/**
 * Single sign-on at an OpenID provider.
 *
 * @param issuer the provider, letter by letter as it names itself
 * @param clientId what the provider calls this service
 * @param address this service as browsers see it; ends with a slash
 * @param scopes what the provider is asked for, separated by spaces
 * @param userClaim claim that names a person; where it is absent, {@code sub} does
 * @param namespacesClaim claim with the namespaces a person may read; empty: everybody may read all
 * @param timeout how long the provider may take to answer
 */
public record SignOnSettings(
        String issuer,
        String clientId,
        URI address,
        String scopes,
        String userClaim,
        String namespacesClaim,
        Duration timeout) {

    /** Where the provider sends people back to; it has to know this address. */
    URI callback() {
        return address.resolve("api/sign-on/callback");
    }
}
