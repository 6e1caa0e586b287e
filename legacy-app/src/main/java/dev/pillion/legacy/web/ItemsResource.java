package dev.pillion.legacy.web;

import dev.pillion.legacy.desk.Catalogue;
import dev.pillion.legacy.desk.Stock;

import jakarta.enterprise.context.RequestScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;

import org.eclipse.microprofile.openapi.annotations.Operation;

import java.math.BigDecimal;
import java.util.List;

/** The catalogue, with what is left on the shelves. */
@Path("/items")
@RequestScoped
@Produces(MediaType.APPLICATION_JSON)
public class ItemsResource {

    /** An item as a customer sees it; {@code left}: pieces on the shelf. */
    public record Offer(String sku, String name, String unit, BigDecimal priceEur, int left) {}

    @Inject private Stock stock;

    @GET
    @Operation(summary = "The items on offer")
    public List<Offer> all() {
        return Catalogue.ITEMS.stream()
                .map(
                        item ->
                                new Offer(
                                        item.sku(),
                                        item.name(),
                                        item.unit(),
                                        item.priceEur(),
                                        stock.left(item.sku())))
                .toList();
    }
}
