package dev.pillion.adapter.http;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataReader;
import io.helidon.common.buffers.DataWriter;
import io.helidon.common.socket.HelidonSocket;
import io.helidon.common.socket.PeerInfo;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.ListenerContext;
import io.helidon.webserver.ProxyProtocolData;
import io.helidon.webserver.Router;

import java.util.Optional;
import java.util.concurrent.ExecutorService;

/** A connection whose reads and writes its {@link Client} is told of. */
record TimedConnection(ConnectionContext connection, Client client, DataReader dataReader)
        implements ConnectionContext {

    /**
     * @param client is told of reads and writes by the thread that makes them
     */
    TimedConnection(ConnectionContext connection, Client client) {
        this(connection, client, reader(connection.dataReader(), client));
    }

    private static DataReader reader(DataReader untimed, Client client) {
        return new DataReader(() -> client.read(untimed));
    }

    @Override
    public DataWriter dataWriter() {
        return new TimedWriter(connection.dataWriter(), client);
    }

    @Override
    public ListenerContext listenerContext() {
        return connection.listenerContext();
    }

    @Override
    public ExecutorService executor() {
        return connection.executor();
    }

    @Override
    public Router router() {
        return connection.router();
    }

    @Override
    public Optional<ProxyProtocolData> proxyProtocolData() {
        return connection.proxyProtocolData();
    }

    @Override
    public HelidonSocket serverSocket() {
        return connection.serverSocket();
    }

    @Override
    public PeerInfo remotePeer() {
        return connection.remotePeer();
    }

    @Override
    public PeerInfo localPeer() {
        return connection.localPeer();
    }

    @Override
    public boolean isSecure() {
        return connection.isSecure();
    }

    @Override
    public String socketId() {
        return connection.socketId();
    }

    @Override
    public String childSocketId() {
        return connection.childSocketId();
    }

    private record TimedWriter(DataWriter untimed, Client client) implements DataWriter {

        @Override
        public void write(BufferData... buffers) {
            client.write(() -> untimed.write(buffers));
        }

        @Override
        public void write(BufferData buffer) {
            client.write(() -> untimed.write(buffer));
        }

        @Override
        public void writeNow(BufferData... buffers) {
            client.write(() -> untimed.writeNow(buffers));
        }

        @Override
        public void writeNow(BufferData buffer) {
            client.write(() -> untimed.writeNow(buffer));
        }

        @Override
        public void flush() {
            client.write(untimed::flush);
        }

        @Override
        public void close() {
            untimed.close();
        }
    }
}
