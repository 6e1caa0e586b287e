package dev.pillion.ambassador.postgres;

import dev.pillion.ambassador.connect.Deadline;
import dev.pillion.ambassador.connect.Wire;
import dev.pillion.ambassador.routes.HostPort;
import dev.pillion.ambassador.routes.Tls;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * An upstream session that says ReadyForQuery and was never used, and everything the server said
 * before that. Blocking, on one thread at a time.
 *
 * @param address of the very server, for a cancel request
 * @param welcome ParameterStatus and notices, in order, without BackendKeyData
 * @param minor version of protocol 3 that the server speaks in this session
 */
record LoggedIn(
        Wire wire,
        HostPort host,
        Tls tls,
        InetSocketAddress address,
        List<Message> welcome,
        Optional<Message> backendKey,
        Message ready,
        Map<String, String> parameters,
        int minor) {

    LoggedIn {
        welcome = List.copyOf(welcome);
        parameters = Map.copyOf(parameters);
    }

    /**
     * Whether the server is a standby. Since PostgreSQL 14 it has said so in its greeting; an older
     * one is asked.
     *
     * @throws IOException if it is lost meanwhile
     */
    boolean isStandby(Duration limit) throws IOException {
        if (inHotStandby().isPresent()) {
            return inHotStandby().get().equals("on");
        }
        try (Deadline deadline = Deadline.of(limit, wire)) {
            wire.write(
                    new Message(
                                    'Q',
                                    "select pg_is_in_recovery()\0"
                                            .getBytes(StandardCharsets.US_ASCII))
                            .bytes());
            boolean standby = false;
            while (!deadline.passed()) {
                Message message = Message.read(wire);
                if (message.type == 'D') {
                    // One column: its count (2 bytes), its length (4), then t or f.
                    standby = message.body.length > 6 && message.body[6] == 't';
                } else if (message.type == 'Z') {
                    return standby;
                }
            }
            throw new IOException("no answer in time");
        }
    }

    /**
     * Asks a session that was never used whether it is still there: a Sync, which changes nothing
     * and is answered with what has changed on the server meanwhile.
     *
     * @return the session as it is now
     * @throws IOException if it is lost; the caller bounds the time
     */
    LoggedIn ask() throws IOException {
        wire.write(new Message('S', new byte[0]).bytes());
        LoggedIn now = this;
        for (int bytes = 0; bytes < Message.MAX_LOGIN_BYTES; ) {
            Message message = Message.read(wire);
            bytes += message.heldBytes();
            switch (message.type) {
                case 'S' -> now = now.reporting(message);
                case 'N' -> {
                    // Told to nobody: it was not this client's to hear.
                }
                case 'Z' -> {
                    return now;
                }
                default -> throw new IOException("a message '" + message.type + "' unasked for");
            }
        }
        throw new IOException("more said than a Sync is answered with");
    }

    /** Says goodbye to a session that is not wanted after all. */
    void leave() {
        try (Deadline deadline = Deadline.of(Duration.ofSeconds(1), wire)) {
            if (!deadline.passed()) {
                wire.write(new Message('X', new byte[0]).bytes());
            }
        } catch (IOException gone) {
            // it is left either way
        } finally {
            Upstream.closeQuietly(wire.channel());
        }
    }

    /** What it says of its role: {@code on}, {@code off}, or nothing before PostgreSQL 14. */
    Optional<String> inHotStandby() {
        return Optional.ofNullable(parameters.get("in_hot_standby"));
    }

    /** The same after a ParameterStatus: the welcome tells the new value. */
    private LoggedIn reporting(Message status) throws IOException {
        ByteBuffer in = status.in();
        String name = Message.string(in);
        Map<String, String> reported = new LinkedHashMap<>(parameters);
        reported.put(name, Message.string(in));
        List<Message> told = new ArrayList<>(welcome);
        told.removeIf(m -> m.type == 'S' && Message.string(m.in()).equals(name));
        told.add(status);
        return new LoggedIn(wire, host, tls, address, told, backendKey, ready, reported, minor);
    }
}
