package dev.pillion.legacy.web;

import dev.pillion.legacy.partner.RatesBoard;

import jakarta.enterprise.context.RequestScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;

import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;

import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Map;

/** The partner's exchange rates, as of the last poll. */
@Path("/rates")
@RequestScoped
@Produces(MediaType.APPLICATION_JSON)
public class RatesResource {

    /** The rates; {@code readAt}: when they were read from the partner. */
    public record Shown(
            String base, LocalDate date, Map<String, BigDecimal> rates, Instant readAt) {}

    /** Why there are no fresh rates; {@code last}: the last ones known, or absent. */
    public record Stale(String error, String message, Shown last) {}

    @Inject private RatesBoard board;

    @GET
    @Operation(summary = "The partner's exchange rates")
    @APIResponse(responseCode = "200", description = "The rates of the last poll")
    @APIResponse(
            responseCode = "503",
            description = "The last poll failed; the last rates known are in the answer")
    public Response rates() {
        var reading = board.reading();
        Shown shown =
                reading.rates()
                        .map(
                                rates ->
                                        new Shown(
                                                rates.base(),
                                                rates.date(),
                                                rates.rates(),
                                                reading.readAt().orElseThrow()))
                        .orElse(null);
        return reading.problem()
                .map(
                        problem ->
                                Response.status(503)
                                        .header("Retry-After", Problem.RETRY_AFTER_SECONDS)
                                        .entity(new Stale("partner-unavailable", problem, shown))
                                        .build())
                .orElseGet(() -> Response.ok(shown).build());
    }
}
