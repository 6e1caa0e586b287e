package dev.pillion.launcher.process;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;

/** A TCP port that nobody listens on. */
public final class FreePort {

    private FreePort() {}

    /** One on localhost that was free a moment ago. */
    public static int choose() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
