package dev.pillion.launcher.suite;

import dev.pillion.launcher.process.FreePort;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Where everything listens on one machine, TCP ports on localhost.
 *
 * @param app the legacy application's page
 * @param ambassador the ambassador's admin page
 * @param adapter the adapter's preview
 * @param exporter the sidecar that shows the raw log files
 * @param central OTLP in, viewer out
 * @param ordersDb the upstream database
 * @param ordersDbGreen a second one to move to
 * @param partner the upstream endpoint
 */
public record Ports(
        int app,
        int ambassador,
        int adapter,
        int exporter,
        int central,
        int ordersDb,
        int ordersDbGreen,
        int partner) {

    /** Compiled into the legacy application, so nobody's choice: where it dials its database. */
    public static final int APP_DATABASE = 15432;

    /** Compiled into the legacy application: where it dials its partner. */
    public static final int APP_PARTNER = 18081;

    /** The numbers that the pods use, and fixed ones for what is outside of them. */
    public static Ports standard() {
        return new Ports(8080, 8091, 8092, 8093, 8094, 25432, 25433, 28443);
    }

    /** Any free ports, but for the two that are compiled into the application. */
    public static Ports free() throws IOException {
        return new Ports(
                FreePort.choose(),
                FreePort.choose(),
                FreePort.choose(),
                FreePort.choose(),
                FreePort.choose(),
                FreePort.choose(),
                FreePort.choose(),
                FreePort.choose());
    }

    /** Every port with the name of what wants it, in the order of starting. */
    Map<Integer, String> byNumber() {
        Map<Integer, String> all = new LinkedHashMap<>();
        all.put(ordersDb, "the database orders-db");
        all.put(ordersDbGreen, "the database orders-db-green");
        all.put(partner, "the partner");
        all.put(central, "log-central");
        all.put(ambassador, "the ambassador's admin page");
        all.put(APP_DATABASE, "the ambassador's route orders-db, compiled into the application");
        all.put(APP_PARTNER, "the ambassador's route partner, compiled into the application");
        all.put(adapter, "the log adapter");
        all.put(exporter, "the log exporter");
        all.put(app, "the legacy application");
        return all;
    }
}
