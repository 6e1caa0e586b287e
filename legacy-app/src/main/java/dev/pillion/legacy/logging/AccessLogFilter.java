package dev.pillion.legacy.logging;

import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.Method;
import io.helidon.webserver.http.Filter;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;

import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Clock;
import java.time.ZonedDateTime;
import java.util.Optional;

/**
 * Writes a line of {@code access.log} for each answer, when its last byte is sent. Runs on the
 * request's own (virtual) thread.
 *
 * @see AccessLine
 */
public final class AccessLogFilter implements Filter {

    private static final Logger ACCESS = LogManager.getLogger("access");

    private final Clock clock;

    public AccessLogFilter(Clock clock) {
        this.clock = clock;
    }

    @Override
    public void filter(FilterChain chain, RoutingRequest request, RoutingResponse response) {
        ZonedDateTime received = ZonedDateTime.now(clock);
        var body = new BodyBytes();
        if (!request.prologue().method().equals(Method.HEAD)) { // has no body to count
            response.streamFilter(body::of);
        }
        response.whenSent(() -> ACCESS.info(line(received, request, response, body).text()));
        chain.proceed();
    }

    private static AccessLine line(
            ZonedDateTime received,
            RoutingRequest request,
            RoutingResponse response,
            BodyBytes body) {
        var prologue = request.prologue();
        String query = prologue.query().rawValue();
        return new AccessLine(
                request.remotePeer().host(),
                received,
                prologue.method().text()
                        + " "
                        + prologue.uriPath().rawPath()
                        + (query.isEmpty() ? "" : "?" + query)
                        + " "
                        + prologue.rawProtocol(),
                response.status().code(),
                body.count,
                header(request, HeaderNames.REFERER),
                header(request, HeaderNames.USER_AGENT));
    }

    private static Optional<String> header(RoutingRequest request, HeaderName name) {
        return request.headers().first(name);
    }

    /** Counts what passes; of one request, on its thread. */
    private static final class BodyBytes {
        private long count;

        OutputStream of(OutputStream out) {
            return new FilterOutputStream(out) {
                @Override
                public void write(int b) throws IOException {
                    out.write(b);
                    count++;
                }

                @Override
                public void write(byte[] bytes, int offset, int length) throws IOException {
                    out.write(bytes, offset, length);
                    count += length;
                }
            };
        }
    }
}
