package dev.pillion.ambassador.listen;

import dev.pillion.ambassador.routes.Route;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.channels.SocketChannel;

/**
 * The one line a session leaves in the log. One thread at a time: the session's, then the relay's.
 */
public final class SessionEvent {

    private static final Logger LOG = System.getLogger("dev.pillion.ambassador.session");

    private final String route;
    private final String client;
    private final long begunAt = System.nanoTime();
    private String upstream = "none";
    private long connectedAt;

    private SessionEvent(String route, String client) {
        this.route = route;
        this.client = client;
    }

    /** The session begins now. */
    public static SessionEvent begin(Route route, SocketChannel channel) {
        String client;
        try {
            client = String.valueOf(channel.getRemoteAddress());
        } catch (IOException gone) {
            client = "gone";
        }
        return new SessionEvent(route.name(), client);
    }

    /** The upstream is there, and logged in where that is needed. */
    public void connected(String upstream) {
        this.upstream = upstream;
        this.connectedAt = System.nanoTime();
    }

    /** Milliseconds from the beginning to {@link #connected}. */
    public long loginMillis() {
        return (connectedAt - begunAt) / 1_000_000;
    }

    /**
     * @param how one word
     * @param bytesUp from the client
     * @param bytesDown to the client
     */
    public void end(String how, long bytesUp, long bytesDown) {
        LOG.log(
                Level.INFO,
                () ->
                        "session route="
                                + route
                                + " client="
                                + client
                                + " upstream="
                                + upstream
                                + (connectedAt == 0 ? "" : " login_ms=" + loginMillis())
                                + " bytes_up="
                                + bytesUp
                                + " bytes_down="
                                + bytesDown
                                + " duration_ms="
                                + (System.nanoTime() - begunAt) / 1_000_000
                                + " ended="
                                + how);
    }
}
