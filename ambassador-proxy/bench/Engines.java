import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * A bare relay in each engine that the JDK has, to choose one by: it knows no protocol, and what
 * the peer would not take at once it waits for. All with buffers of 64 KiB.
 *
 * <p>Arguments: {@code selector}, {@code virtual} or {@code platform}, port to listen on, port to
 * relay to, both on localhost, and how many selectors.
 */
public class Engines {

    private static final int BUFFER_BYTES = 64 << 10;

    void main(String[] args) throws IOException {
        InetSocketAddress upstream = local(args[2]);
        List<Loop> loops = new ArrayList<>();
        if (args[0].equals("selector")) {
            for (int i = 0; i < Integer.parseInt(args[3]); i++) {
                loops.add(new Loop());
                Thread.ofPlatform().daemon().start(loops.getLast()::run);
            }
        }
        try (ServerSocketChannel server = ServerSocketChannel.open().bind(local(args[1]))) {
            for (int i = 0; ; i++) {
                SocketChannel client = server.accept();
                SocketChannel far = SocketChannel.open(upstream);
                client.setOption(StandardSocketOptions.TCP_NODELAY, true);
                far.setOption(StandardSocketOptions.TCP_NODELAY, true);
                switch (args[0]) {
                    case "selector" -> loops.get(i % loops.size()).add(client, far);
                    case "virtual" -> {
                        Thread.ofVirtual().start(() -> copy(client, far));
                        Thread.ofVirtual().start(() -> copy(far, client));
                    }
                    case "platform" -> {
                        Thread.ofPlatform().start(() -> copy(client, far));
                        Thread.ofPlatform().start(() -> copy(far, client));
                    }
                    default -> throw new IllegalArgumentException(args[0]);
                }
            }
        }
    }

    private static InetSocketAddress local(String port) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(port));
    }

    /** Blocking: one direction of one session until either side ends. */
    private static void copy(SocketChannel from, SocketChannel to) {
        ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
        try (from;
                to) {
            while (from.read(buffer.clear()) >= 0) {
                buffer.flip();
                while (buffer.hasRemaining()) {
                    to.write(buffer);
                }
            }
        } catch (IOException ended) {
            // the other direction has closed both
        }
    }

    /** One selector and one thread for many sessions, with one buffer for all of them. */
    private static final class Loop {

        private final Selector selector = Selector.open();
        private final Queue<SocketChannel[]> arriving = new ConcurrentLinkedQueue<>();
        private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);

        Loop() throws IOException {}

        void add(SocketChannel client, SocketChannel far) {
            arriving.add(new SocketChannel[] {client, far});
            selector.wakeup();
        }

        void run() {
            try {
                while (true) {
                    selector.select(this::ready);
                    for (SocketChannel[] pair; (pair = arriving.poll()) != null; ) {
                        pair[0].configureBlocking(false)
                                .register(selector, SelectionKey.OP_READ, pair[1]);
                        pair[1].configureBlocking(false)
                                .register(selector, SelectionKey.OP_READ, pair[0]);
                    }
                }
            } catch (IOException broken) {
                throw new IllegalStateException(broken);
            }
        }

        private void ready(SelectionKey key) {
            SocketChannel from = (SocketChannel) key.channel();
            SocketChannel to = (SocketChannel) key.attachment();
            try {
                int count = from.read(buffer.clear());
                buffer.flip();
                while (buffer.hasRemaining()) {
                    to.write(buffer);
                }
                if (count < 0) {
                    from.close();
                    to.close();
                }
            } catch (IOException ended) {
                close(from);
                close(to);
            }
        }

        private static void close(SocketChannel channel) {
            try {
                channel.close();
            } catch (IOException ignored) {
                // it has ended
            }
        }
    }
}
