package dev.pillion.ambassador.routes;

import java.net.InetSocketAddress;

/**
 * A host name or address with a port; unresolved, so that DNS is asked at each dial.
 *
 * @param host name or address; an IPv6 address without brackets
 * @param port 0 to 65535; 0 only to listen on a free one
 */
public record HostPort(String host, int port) {

    /**
     * @param text {@code host:port} or {@code [v6]:port}
     * @throws IllegalArgumentException with a message that says what to write
     */
    public static HostPort parse(String text) {
        int colon = text.lastIndexOf(':');
        String host = colon < 0 ? text : text.substring(0, colon);
        String port = colon < 0 ? "" : text.substring(colon + 1);
        if (port.isEmpty() || (host.startsWith("[") && !host.endsWith("]"))) {
            throw new IllegalArgumentException("has no port; write host:port");
        }
        if (host.startsWith("[")) {
            host = host.substring(1, host.length() - 1);
        } else if (host.indexOf(':') >= 0) {
            throw new IllegalArgumentException("is ambiguous; write an IPv6 address as [::1]:port");
        }
        if (host.isBlank() || host.chars().anyMatch(c -> c <= ' ' || c == '/')) {
            throw new IllegalArgumentException("has no host; write host:port");
        }
        return new HostPort(host, port(port));
    }

    static int port(String text) {
        try {
            int port = Integer.parseInt(text);
            if (port >= 0 && port <= 65535) {
                return port;
            }
        } catch (NumberFormatException notANumber) {
            // said below
        }
        throw new IllegalArgumentException("has a port that is not a number from 0 to 65535");
    }

    /** For binding: the name is looked up now. */
    public InetSocketAddress resolve() {
        return new InetSocketAddress(host, port);
    }

    @Override
    public String toString() {
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }
}
