package dev.pillion.central.access;

import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Locale;

/** Which names and addresses are this machine's own. */
public final class Hosts {

    private Hosts() {}

    /** Whether only this machine reaches what listens here. */
    static boolean isLoopback(String host) {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false; // Said elsewhere.
        }
    }

    /**
     * Whether a name in an address is this machine's own: no DNS is asked, which could lie.
     *
     * @param name as in a header {@code Host}, without the port
     */
    static boolean isLocal(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return lower.equals("localhost")
                || lower.endsWith(".localhost")
                || lower.equals("[::1]")
                || lower.matches("127(\\.\\d{1,3}){3}");
    }

    /** Whether secrets may go there: by TLS, or without leaving this machine. */
    public static boolean isSafe(URI address) {
        if (address.getHost() == null) {
            return false;
        }
        return "https".equalsIgnoreCase(address.getScheme())
                || ("http".equalsIgnoreCase(address.getScheme()) && isLocal(address.getHost()));
    }
}
