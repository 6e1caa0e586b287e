package dev.pillion.ambassador.postgres;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The first packet of a connection, parsed. Pure.
 *
 * @see <a href="https://www.postgresql.org/docs/18/protocol-message-formats.html">Formats</a>
 */
sealed interface Startup {

    /** Of PostgreSQL's server: MAX_STARTUP_PACKET_LENGTH in libpq/pqcomm.h. */
    int MAX_BYTES = 10_000;

    int SSL_REQUEST = 80877103;
    int GSSENC_REQUEST = 80877104;
    int CANCEL_REQUEST = 80877102;
    int PROTOCOL_3_0 = 3 << 16;
    int PROTOCOL_3_2 = PROTOCOL_3_0 + 2;

    /** May we speak TLS? */
    record SslRequest() implements Startup {}

    /** May we speak GSSAPI encryption? */
    record GssRequest() implements Startup {}

    /**
     * End the statement of another session.
     *
     * @param pid of that session
     * @param key in ISO-8859-1, one character a byte
     */
    record Cancel(int pid, String key) implements Startup {}

    /**
     * Log me in.
     *
     * @param version major in the upper 16 bits
     * @param parameters in the order they came
     */
    record Login(int version, Map<String, String> parameters) implements Startup {

        /** Copies the map, keeping its order. */
        public Login {
            parameters = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(parameters));
        }
    }

    /** A packet that is none. */
    final class Malformed extends Exception {
        private static final long serialVersionUID = 1L;

        Malformed(String message) {
            super(message);
        }
    }

    /**
     * Bytes are text in whatever encoding the client will name; ISO-8859-1 keeps them as they are.
     *
     * @param body what follows the length word
     */
    static Startup parse(byte[] body) throws Malformed {
        ByteBuffer in = ByteBuffer.wrap(body);
        if (in.remaining() < 4) {
            throw new Malformed("invalid length of startup packet");
        }
        int code = in.getInt();
        switch (code) {
            case SSL_REQUEST, GSSENC_REQUEST -> {
                if (in.hasRemaining()) {
                    throw new Malformed("invalid length of startup packet");
                }
                return code == SSL_REQUEST ? new SslRequest() : new GssRequest();
            }
            case CANCEL_REQUEST -> {
                // A key has 4 bytes in protocol 3.0 and up to 256 since 3.2.
                if (in.remaining() < 5 || in.remaining() > 4 + 256) {
                    throw new Malformed("invalid length of cancel request packet");
                }
                int pid = in.getInt();
                byte[] key = new byte[in.remaining()];
                in.get(key);
                return new Cancel(pid, new String(key, StandardCharsets.ISO_8859_1));
            }
            default -> {
                return login(code, in);
            }
        }
    }

    private static Login login(int version, ByteBuffer in) throws Malformed {
        if (version >>> 16 != 3) {
            throw new Malformed(
                    "unsupported frontend protocol "
                            + (version >>> 16)
                            + "."
                            + (version & 0xffff)
                            + ": the ambassador speaks 3.0 and 3.2");
        }
        Map<String, String> parameters = new LinkedHashMap<>();
        while (true) {
            String name = string(in);
            if (name.isEmpty()) {
                if (in.hasRemaining()) {
                    throw new Malformed("invalid startup packet layout: expected terminator");
                }
                break;
            }
            parameters.put(name, string(in));
        }
        if (parameters.getOrDefault("user", "").isEmpty()) {
            throw new Malformed("no PostgreSQL user name specified in startup packet");
        }
        return new Login(version, parameters);
    }

    private static String string(ByteBuffer in) throws Malformed {
        StringBuilder text = new StringBuilder();
        while (in.hasRemaining()) {
            int next = in.get() & 0xff;
            if (next == 0) {
                return text.toString();
            }
            text.append((char) next);
        }
        throw new Malformed("invalid startup packet layout: expected terminator");
    }
}
