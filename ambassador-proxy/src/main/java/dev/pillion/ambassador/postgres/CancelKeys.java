package dev.pillion.ambassador.postgres;

import dev.pillion.ambassador.routes.HostPort;
import dev.pillion.ambassador.routes.RouteStatistics;
import dev.pillion.ambassador.routes.Tls;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * Keys of our own, each standing for one upstream session. The process id beside it is the
 * server's: applications know by it which notifications are their own. Thread-safe; bounded by the
 * sessions that are open.
 */
final class CancelKeys {

    /** Protocol 3.0 has room for no more. */
    private static final int SHORT_KEY_BYTES = 4;

    /** Since 3.2 a key may have up to 256 bytes; PostgreSQL 18 takes 32. */
    private static final int LONG_KEY_BYTES = 32;

    private final SecureRandom random = new SecureRandom();

    /** By process id, of which servers may have the same. */
    private final Map<Integer, List<Entry>> entries = new ConcurrentHashMap<>();

    /**
     * Where a cancel request goes: the very server, by its address, spoken to as the session is.
     */
    static final class Entry {
        final int pid;
        final InetSocketAddress address;
        final HostPort host;
        final Tls tls;
        final RouteStatistics statistics;
        private final byte[] key;
        private final byte[] packet;

        private Entry(
                int pid, byte[] key, LoggedIn upstream, byte[] packet, RouteStatistics statistics) {
            this.pid = pid;
            this.key = key;
            this.address = upstream.address();
            this.host = upstream.host();
            this.tls = upstream.tls();
            this.packet = packet;
            this.statistics = statistics;
        }

        /** BackendKeyData for the application. */
        Message backendKey() {
            return Message.backendKey(pid, key);
        }

        /** CancelRequest for the upstream. */
        byte[] packet() {
            return packet.clone();
        }
    }

    /**
     * @param upstream a session whose server gave a key
     */
    Entry add(LoggedIn upstream, RouteStatistics statistics) {
        ByteBuffer theirs = upstream.backendKey().orElseThrow().in();
        int theirPid = theirs.getInt();
        byte[] theirKey = new byte[theirs.remaining()];
        theirs.get(theirKey);
        byte[] key = new byte[upstream.minor() >= 2 ? LONG_KEY_BYTES : SHORT_KEY_BYTES];
        do {
            random.nextBytes(key);
        } while (find(theirPid, key).isPresent());
        Entry entry =
                new Entry(theirPid, key, upstream, Message.cancel(theirPid, theirKey), statistics);
        entries.merge(
                theirPid,
                List.of(entry),
                (all, one) -> Stream.concat(all.stream(), one.stream()).toList());
        return entry;
    }

    void remove(Entry entry) {
        entries.computeIfPresent(
                entry.pid,
                (pid, all) -> {
                    List<Entry> others = all.stream().filter(other -> other != entry).toList();
                    return others.isEmpty() ? null : others;
                });
    }

    /** The session the request means. */
    Optional<Entry> find(Startup.Cancel request) {
        return find(request.pid(), request.key().getBytes(StandardCharsets.ISO_8859_1));
    }

    /** Compared in constant time. */
    private Optional<Entry> find(int pid, byte[] key) {
        return entries.getOrDefault(pid, List.of()).stream()
                .filter(entry -> MessageDigest.isEqual(entry.key, key))
                .findFirst();
    }
}
