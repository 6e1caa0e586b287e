package dev.pillion.ambassador.relay;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/** Two ends of a connection that holds little on its way. */
record Pair(SocketChannel near, SocketChannel far) implements AutoCloseable {

    private static final int ON_ITS_WAY = 4096;

    static Pair open() throws IOException {
        try (ServerSocketChannel listening = ServerSocketChannel.open()) {
            listening.setOption(StandardSocketOptions.SO_RCVBUF, ON_ITS_WAY);
            listening.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            SocketChannel near = SocketChannel.open();
            near.setOption(StandardSocketOptions.SO_RCVBUF, ON_ITS_WAY);
            near.setOption(StandardSocketOptions.SO_SNDBUF, ON_ITS_WAY);
            near.connect(listening.getLocalAddress());
            SocketChannel far = listening.accept();
            far.setOption(StandardSocketOptions.SO_SNDBUF, ON_ITS_WAY);
            return new Pair(near, far);
        }
    }

    @Override
    public void close() throws IOException {
        near.close();
        far.close();
    }
}
