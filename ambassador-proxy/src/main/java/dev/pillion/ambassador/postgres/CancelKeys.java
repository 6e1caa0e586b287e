package dev.pillion.ambassador.postgres;

import dev.pillion.ambassador.routes.HostPort;
import dev.pillion.ambassador.routes.RouteStatistics;
import dev.pillion.ambassador.routes.Tls;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Our own process ids and keys, each standing for one upstream session. Thread-safe; bounded by the
 * sessions that are open.
 */
final class CancelKeys {

    /** Protocol 3.0 has room for no more. */
    private static final int SHORT_KEY_BYTES = 4;

    /** Since 3.2 a key may have up to 256 bytes; PostgreSQL 18 takes 32. */
    private static final int LONG_KEY_BYTES = 32;

    private final SecureRandom random = new SecureRandom();
    private final Map<Integer, Entry> entries = new ConcurrentHashMap<>();

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
                int pid,
                byte[] key,
                Upstream.LoggedIn upstream,
                byte[] packet,
                RouteStatistics statistics) {
            this.pid = pid;
            this.key = key;
            this.address = upstream.address;
            this.host = upstream.host;
            this.tls = upstream.tls;
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
    Entry add(Upstream.LoggedIn upstream, RouteStatistics statistics) {
        ByteBuffer theirs = upstream.backendKey.orElseThrow().in();
        int theirPid = theirs.getInt();
        byte[] theirKey = new byte[theirs.remaining()];
        theirs.get(theirKey);
        byte[] key = new byte[upstream.minor >= 2 ? LONG_KEY_BYTES : SHORT_KEY_BYTES];
        random.nextBytes(key);
        while (true) {
            int pid = random.nextInt(1, Integer.MAX_VALUE);
            Entry entry =
                    new Entry(pid, key, upstream, Message.cancel(theirPid, theirKey), statistics);
            if (entries.putIfAbsent(pid, entry) == null) {
                return entry;
            }
        }
    }

    void remove(Entry entry) {
        entries.remove(entry.pid);
    }

    /** The session the request means; compared in constant time. */
    Optional<Entry> find(Startup.Cancel request) {
        Entry entry = entries.get(request.pid());
        byte[] key = request.key().getBytes(StandardCharsets.ISO_8859_1);
        return entry != null && MessageDigest.isEqual(entry.key, key)
                ? Optional.of(entry)
                : Optional.empty();
    }
}
