package dev.pillion.legacy.web;

import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.Filter;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;

/** Headers of every answer: the page runs its own scripts and styles and nothing else. */
public final class PageHeaders implements Filter {

    static final String POLICY =
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
                    + " connect-src 'self'; base-uri 'none'; form-action 'self';"
                    + " frame-ancestors 'none'";

    @Override
    public void filter(FilterChain chain, RoutingRequest request, RoutingResponse response) {
        response.header(HeaderNames.create("Content-Security-Policy"), POLICY);
        response.header(HeaderNames.create("X-Content-Type-Options"), "nosniff");
        response.header(HeaderNames.create("Referrer-Policy"), "same-origin");
        if (request.path().path().startsWith("/api")) {
            response.header(HeaderNames.CACHE_CONTROL, "no-store");
        } else {
            response.header(HeaderNames.CACHE_CONTROL, "no-cache");
        }
        chain.proceed();
    }
}
