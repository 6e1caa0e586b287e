package dev.pillion.ambassador.postgres;

import dev.pillion.ambassador.connect.Wire;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One message of the login, whole: small by nature, bounded by {@link #MAX_LOGIN_BYTES}. Immutable
 * by convention: nobody writes to the body.
 */
final class Message {

    /** Longest message of a login; libpq takes 30,000 for an error and 2,000 for a request. */
    static final int MAX_LOGIN_BYTES = 64 << 10;

    /**
     * What a message costs beside its body: the header on the wire, an object and an array here.
     */
    private static final int OVERHEAD_BYTES = 64;

    final char type;
    final byte[] body;

    Message(char type, byte[] body) {
        this.type = type;
        this.body = body;
    }

    /**
     * @throws IOException if the peer ends, or claims a length no login has
     */
    static Message read(Wire wire) throws IOException {
        ByteBuffer header = ByteBuffer.wrap(wire.read(5));
        char type = (char) (header.get() & 0xff);
        int length = header.getInt();
        if (length < 4 || length > MAX_LOGIN_BYTES) {
            throw new IOException(
                    "a message '" + type + "' of " + length + " bytes has no place in a login");
        }
        return new Message(type, wire.read(length - 4));
    }

    byte[] bytes() {
        return ByteBuffer.allocate(5 + body.length)
                .put((byte) type)
                .putInt(4 + body.length)
                .put(body)
                .array();
    }

    ByteBuffer in() {
        return ByteBuffer.wrap(body);
    }

    /** What it costs in memory, for who keeps many. */
    int heldBytes() {
        return OVERHEAD_BYTES + body.length;
    }

    /** Fields of an ErrorResponse or NoticeResponse by their letter. */
    Map<Character, String> fields() {
        Map<Character, String> fields = new LinkedHashMap<>();
        ByteBuffer in = in();
        while (in.hasRemaining()) {
            char code = (char) (in.get() & 0xff);
            if (code == 0) {
                break;
            }
            fields.put(code, string(in));
        }
        return fields;
    }

    /** A string up to its zero byte, or to the end if there is none. */
    static String string(ByteBuffer in) {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        while (in.hasRemaining()) {
            byte next = in.get();
            if (next == 0) {
                break;
            }
            text.write(next);
        }
        return text.toString(StandardCharsets.UTF_8);
    }

    /**
     * A fatal ErrorResponse with the four fields every driver reads.
     *
     * @param code SQLSTATE, five characters
     * @param text what happened and what to do, without a secret
     */
    static Message fatal(String code, String text) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        for (String field : List.of("SFATAL", "VFATAL", "C" + code, "M" + text)) {
            body.writeBytes(field.getBytes(StandardCharsets.UTF_8));
            body.write(0);
        }
        body.write(0);
        return new Message('E', body.toByteArray());
    }

    static Message authenticationOk() {
        return new Message('R', new byte[4]);
    }

    static Message backendKey(int pid, byte[] key) {
        return new Message('K', ByteBuffer.allocate(4 + key.length).putInt(pid).put(key).array());
    }

    static Message parameterStatus(String name, String value) {
        return new Message('S', (name + "\0" + value + "\0").getBytes(StandardCharsets.UTF_8));
    }

    /** Says which minor version is spoken, and which options are not known. */
    static Message negotiateVersion(int minor, List<String> unknownOptions) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        body.writeBytes(
                ByteBuffer.allocate(8)
                        .putInt(Startup.PROTOCOL_3_0 + minor)
                        .putInt(unknownOptions.size())
                        .array());
        for (String option : unknownOptions) {
            body.writeBytes(option.getBytes(StandardCharsets.ISO_8859_1));
            body.write(0);
        }
        return new Message('v', body.toByteArray());
    }

    /** A startup packet; its strings are bytes in ISO-8859-1. */
    static byte[] startup(int version, Map<String, String> parameters) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        parameters.forEach(
                (name, value) -> {
                    body.writeBytes(name.getBytes(StandardCharsets.ISO_8859_1));
                    body.write(0);
                    body.writeBytes(value.getBytes(StandardCharsets.ISO_8859_1));
                    body.write(0);
                });
        body.write(0);
        return ByteBuffer.allocate(8 + body.size())
                .putInt(8 + body.size())
                .putInt(version)
                .put(body.toByteArray())
                .array();
    }

    static byte[] request(int code) {
        return ByteBuffer.allocate(8).putInt(8).putInt(code).array();
    }

    static byte[] cancel(int pid, byte[] key) {
        return ByteBuffer.allocate(12 + key.length)
                .putInt(12 + key.length)
                .putInt(Startup.CANCEL_REQUEST)
                .putInt(pid)
                .put(key)
                .array();
    }
}
