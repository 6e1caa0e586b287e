package dev.pillion.ambassador.connect;

import dev.pillion.ambassador.routes.HostPort;
import dev.pillion.ambassador.routes.Route;

import jdk.net.ExtendedSocketOptions;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.net.UnknownHostException;
import java.nio.channels.SocketChannel;
import java.time.Duration;

/** Connects; asks DNS each time. Stateless; blocking, to be called on a virtual thread. */
public final class Dialer {

    private Dialer() {}

    /**
     * Connects to the first address of the name that accepts.
     *
     * @param timeout for each address
     * @throws ConnectFailure of the last address if none accepts
     */
    public static SocketChannel dial(HostPort upstream, Duration timeout) throws ConnectFailure {
        InetAddress[] addresses;
        try {
            addresses = InetAddress.getAllByName(upstream.host());
        } catch (UnknownHostException unknown) {
            throw new ConnectFailure(
                    ConnectFailure.Kind.UNKNOWN_HOST, upstream + ": the name is not known to DNS");
        }
        ConnectFailure last = null;
        for (InetAddress address : addresses) {
            try {
                return dial(new InetSocketAddress(address, upstream.port()), timeout, upstream);
            } catch (ConnectFailure failure) {
                last = failure;
            }
        }
        throw last == null
                ? new ConnectFailure(
                        ConnectFailure.Kind.UNKNOWN_HOST, upstream + ": the name has no address")
                : last;
    }

    /**
     * Connects to one address, for a cancel request that must reach the very same server.
     *
     * @param name how failures call the upstream
     */
    public static SocketChannel dial(InetSocketAddress address, Duration timeout, HostPort name)
            throws ConnectFailure {
        SocketChannel channel = null;
        try {
            channel = SocketChannel.open();
            try (Deadline deadline = Deadline.of(timeout, channel)) {
                try {
                    channel.connect(address);
                } catch (IOException failed) {
                    if (deadline.passed()) {
                        throw new ConnectFailure(
                                ConnectFailure.Kind.TIMED_OUT,
                                name + ": no answer within " + timeout.toMillis() + " ms");
                    }
                    throw failed;
                }
            }
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            return channel;
        } catch (ConnectFailure timedOut) {
            throw timedOut;
        } catch (ConnectException refused) {
            close(channel);
            throw new ConnectFailure(
                    ConnectFailure.Kind.REFUSED, name + ": " + lower(refused.getMessage()));
        } catch (IOException unreachable) {
            close(channel);
            throw new ConnectFailure(
                    ConnectFailure.Kind.UNREACHABLE, name + ": " + unreachable.getMessage());
        }
    }

    /**
     * From now on a peer that vanished is noticed while nothing is said.
     *
     * @throws IOException if the channel is closed
     */
    public static void keepAlive(SocketChannel channel, Route.KeepAlive times) throws IOException {
        channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
        set(channel, ExtendedSocketOptions.TCP_KEEPIDLE, (int) times.idle().toSeconds());
        set(channel, ExtendedSocketOptions.TCP_KEEPINTERVAL, (int) times.interval().toSeconds());
        set(channel, ExtendedSocketOptions.TCP_KEEPCOUNT, times.count());
    }

    private static void set(SocketChannel channel, SocketOption<Integer> option, int value)
            throws IOException {
        if (channel.supportedOptions().contains(option)) {
            channel.setOption(option, value);
        }
    }

    private static String lower(String message) {
        return message == null ? "refused" : message.toLowerCase(java.util.Locale.ROOT);
    }

    private static void close(SocketChannel channel) {
        if (channel != null) {
            try {
                channel.close();
            } catch (IOException ignored) {
                // it did not connect; there is nothing to lose
            }
        }
    }
}
