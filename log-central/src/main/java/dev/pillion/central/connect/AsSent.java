package dev.pillion.central.connect;

import io.helidon.builder.api.RuntimeType;
import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataReader;
import io.helidon.common.buffers.DataWriter;
import io.helidon.common.context.Context;
import io.helidon.common.socket.HelidonSocket;
import io.helidon.common.socket.PeerInfo;
import io.helidon.http.Headers;
import io.helidon.http.encoding.ContentDecoder;
import io.helidon.http.encoding.ContentEncoder;
import io.helidon.http.encoding.ContentEncodingContext;
import io.helidon.http.encoding.ContentEncodingContextConfig;
import io.helidon.http.media.MediaContext;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.ListenerConfig;
import io.helidon.webserver.ListenerContext;
import io.helidon.webserver.ProxyProtocolData;
import io.helidon.webserver.Router;
import io.helidon.webserver.http.DirectHandlers;

import java.util.Optional;
import java.util.concurrent.ExecutorService;

/**
 * A connection whose requests' bodies are handed on as they were sent, whatever their
 * Content-Encoding. The web server would refuse one that it does not know with an empty 400, and
 * decompress one that it knows without a limit; whoever takes a body in says which ones it takes.
 * Its writes are timed.
 *
 * @param open is told of writes by the thread that makes them
 */
record AsSent(ConnectionContext connection, Connections.Open open) implements ConnectionContext {

    @Override
    public ListenerContext listenerContext() {
        return new Listener(connection.listenerContext());
    }

    @Override
    public ExecutorService executor() {
        return connection.executor();
    }

    @Override
    public DataWriter dataWriter() {
        return new TimedWriter(connection.dataWriter(), open);
    }

    @Override
    public DataReader dataReader() {
        return connection.dataReader();
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

    private record Listener(ListenerContext listener) implements ListenerContext {
        @Override
        public Context context() {
            return listener.context();
        }

        @Override
        public MediaContext mediaContext() {
            return listener.mediaContext();
        }

        @Override
        public ContentEncodingContext contentEncodingContext() {
            return new AnyEncoding(listener.contentEncodingContext());
        }

        @Override
        public DirectHandlers directHandlers() {
            return listener.directHandlers();
        }

        @Override
        public ListenerConfig config() {
            return listener.config();
        }

        @Override
        public ExecutorService executor() {
            return listener.executor();
        }
    }

    private record AnyEncoding(ContentEncodingContext encodings)
            implements ContentEncodingContext, RuntimeType.Api<ContentEncodingContextConfig> {
        @Override
        public ContentEncodingContextConfig prototype() {
            return encodings.prototype();
        }

        @Override
        public boolean contentEncodingEnabled() {
            return encodings.contentEncodingEnabled();
        }

        @Override
        public boolean contentDecodingEnabled() {
            return true;
        }

        @Override
        public boolean contentEncodingSupported(String encoding) {
            return encodings.contentEncodingSupported(encoding);
        }

        @Override
        public boolean contentDecodingSupported(String encoding) {
            return true;
        }

        @Override
        public ContentEncoder encoder(String encoding) {
            return encodings.encoder(encoding);
        }

        @Override
        public ContentDecoder decoder(String encoding) {
            return ContentDecoder.NO_OP;
        }

        @Override
        public ContentEncoder encoder(Headers headers) {
            return encodings.encoder(headers);
        }
    }

    private record TimedWriter(DataWriter untimed, Connections.Open open) implements DataWriter {
        @Override
        public void write(BufferData... buffers) {
            open.write(() -> untimed.write(buffers));
        }

        @Override
        public void write(BufferData buffer) {
            open.write(() -> untimed.write(buffer));
        }

        @Override
        public void writeNow(BufferData... buffers) {
            open.write(() -> untimed.writeNow(buffers));
        }

        @Override
        public void writeNow(BufferData buffer) {
            open.write(() -> untimed.writeNow(buffer));
        }

        @Override
        public void flush() {
            open.write(untimed::flush);
        }

        @Override
        public void close() {
            untimed.close();
        }
    }
}
