package dev.pillion.legacy.web;

import dev.pillion.legacy.desk.OrderDesk;
import dev.pillion.legacy.desk.OrderRefused;
import dev.pillion.legacy.desk.OrderRequest;
import dev.pillion.legacy.store.Order;
import dev.pillion.legacy.store.OrderState;
import dev.pillion.legacy.store.OrderStore;

import jakarta.enterprise.context.RequestScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;

import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;

import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The orders.
 *
 * @see OrderDesk what becomes of a placed order
 */
@Path("/orders")
@RequestScoped
@Produces(MediaType.APPLICATION_JSON)
public class OrdersResource {

    static final int MAX_LIMIT = 100;

    /**
     * A page's worth of orders.
     *
     * @param orders newest first
     * @param counts how many there are in all, by state
     */
    public record Listing(List<Order> orders, Map<OrderState, Long> counts) {}

    @Inject private OrderDesk desk;
    @Inject private OrderStore store;

    @GET
    @Operation(summary = "The newest orders, newest first, and how many there are of each state")
    @APIResponse(responseCode = "200", description = "The orders")
    @APIResponse(responseCode = "503", description = "The database cannot be reached")
    public Listing newest(
            @QueryParam("limit") @DefaultValue("20") int limit, @QueryParam("state") String state) {
        Optional<OrderState> wanted = Optional.ofNullable(state).map(OrdersResource::state);
        int shown = Math.clamp(limit, 1, MAX_LIMIT);
        return new Listing(store.newest(shown, wanted), store.counts());
    }

    @GET
    @Path("/{number}")
    @Operation(summary = "One order")
    @APIResponse(responseCode = "200", description = "The order")
    @APIResponse(responseCode = "404", description = "No order has that number")
    @APIResponse(responseCode = "503", description = "The database cannot be reached")
    public Response one(@PathParam("number") String number) {
        return store.find(number)
                .map(order -> Response.ok(order).build())
                .orElseGet(() -> Problem.answer(404, "not-found", "No order has this number."));
    }

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(summary = "Place an order")
    @APIResponse(responseCode = "201", description = "The order, paid")
    @APIResponse(responseCode = "400", description = "What is wrong, by field")
    @APIResponse(responseCode = "402", description = "The payment was declined")
    @APIResponse(responseCode = "409", description = "Not enough on the shelf")
    @APIResponse(responseCode = "503", description = "Database or exchange rate cannot be had")
    public Response place(OrderRequest request) throws OrderRefused {
        if (request == null) {
            return Problem.answer(400, "invalid", "The body is empty; send an order as JSON.");
        }
        Map<String, String> mistakes = request.mistakes();
        if (!mistakes.isEmpty()) {
            return Problem.answer(400, "invalid", "The order is not complete.", mistakes);
        }
        Order order = desk.place(request);
        return Response.created(URI.create("orders/" + order.number())).entity(order).build();
    }

    private static OrderState state(String name) {
        for (OrderState state : OrderState.values()) {
            if (state.name().equalsIgnoreCase(name)) {
                return state;
            }
        }
        throw Problem.exception(
                400, "invalid", "state is one of " + List.of(OrderState.values()) + ".");
    }
}
