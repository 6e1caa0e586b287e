package dev.pillion.legacy.desk;

import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;

/** The items on offer. */
public final class Catalogue {

    public static final List<Item> ITEMS =
            List.of(
                    item("TEA-ASSAM", "Assam Second Flush", "250 g tin", "14.80", 120),
                    item("TEA-DARJ", "Darjeeling First Flush", "100 g tin", "19.50", 60),
                    item("TEA-EARL", "Earl Grey, loose", "250 g tin", "12.40", 120),
                    item("COF-HOUSE", "House Espresso", "1 kg bag", "24.90", 90),
                    item("COF-YIRGA", "Yirgacheffe, washed", "500 g bag", "18.20", 60),
                    item("COF-DECAF", "Swiss Water Decaf", "500 g bag", "16.90", 40),
                    item("POT-IRON", "Cast-iron teapot", "0.8 l", "64.00", 12),
                    item("MILL-HAND", "Hand mill, steel burrs", "piece", "119.00", 8));

    private Catalogue() {}

    /** Returns the item of that key. */
    public static Optional<Item> item(String sku) {
        return ITEMS.stream().filter(item -> item.sku().equals(sku)).findFirst();
    }

    private static Item item(String sku, String name, String unit, String price, int shelf) {
        return new Item(sku, name, unit, new BigDecimal(price), shelf);
    }
}
