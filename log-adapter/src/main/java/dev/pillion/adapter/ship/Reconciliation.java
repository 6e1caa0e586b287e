package dev.pillion.adapter.ship;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Asks log-central now and then what it has of each file ({@code GET /api/files?id=…}) and compares
 * it with what was acknowledged. A far end that is not log-central is asked again seldom. One
 * thread; the answers may be read by any.
 */
public final class Reconciliation implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(Reconciliation.class.getName());

    /** Identities in one request: its line stays below 4 KiB. */
    private static final int IDS = 100;

    /** A far end that does not answer the question is asked again after so many intervals. */
    private static final int SELDOM = 20;

    private static final Pattern FILE =
            Pattern.compile(
                    "\\{ *\"id\" *: *\"([^\"]*)\", *\"records\" *: *(\\d{1,18}),"
                            + " *\"position\" *: *(\\d{1,18}) *\\}");

    private final OtlpClient client;
    private final Checkpoint checkpoint;
    private final Duration interval;
    private volatile Map<String, Compared> compared = Map.of();
    private Thread thread;

    /**
     * Both sides' numbers of a file.
     *
     * @param here what was acknowledged
     * @param there what the far end has
     */
    public record Compared(Totals here, Totals there) {
        public boolean agrees() {
            return here.equals(there);
        }
    }

    /** The far end answers, but not this question. */
    private static final class NotCentral extends IOException {
        private static final long serialVersionUID = 1;
    }

    public Reconciliation(OtlpClient client, Checkpoint checkpoint, Duration interval) {
        this.client = client;
        this.checkpoint = checkpoint;
        this.interval = interval;
    }

    /** Begins to ask. */
    public void start() {
        thread = Thread.ofPlatform().name("reconcile").daemon().start(this::run);
    }

    /** Both numbers of a file, if the far end told its own. */
    public Optional<Compared> of(String id) {
        return Optional.ofNullable(compared.get(id));
    }

    /** Files that the two sides have counted differently. */
    public long disagreeing() {
        return compared.values().stream().filter(c -> !c.agrees()).count();
    }

    private void run() {
        try {
            while (true) {
                int intervals = 1;
                try {
                    compared = compare();
                } catch (NotCentral e) {
                    intervals = SELDOM;
                    compared = Map.of();
                } catch (IOException e) {
                    compared = Map.of(); // down: it may be back by the next time
                }
                TimeUnit.NANOSECONDS.sleep(interval.toNanos() * intervals);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Only what stood still while it was asked is compared: a batch under way is on one side. */
    private Map<String, Compared> compare() throws IOException {
        Map<String, Checkpoint.State> before = settled();
        Map<String, Totals> answers = ask(List.copyOf(before.keySet()));
        Map<String, Checkpoint.State> after = settled();
        Map<String, Compared> result = new HashMap<>();
        answers.forEach(
                (id, there) -> {
                    if (before.get(id).equals(after.get(id))) {
                        Compared both = new Compared(before.get(id).totals(), there);
                        result.put(id, both);
                        if (!both.agrees() && !both.equals(compared.get(id))) {
                            LOG.log(
                                    Level.WARNING,
                                    "file {0}: {1} records up to byte {2} were answered, the far end has {3} up to byte {4}; refused.log names those set aside",
                                    new Object[] {
                                        id,
                                        both.here().records(),
                                        both.here().position(),
                                        there.records(),
                                        there.position()
                                    });
                        }
                    } else if (compared.containsKey(id)) {
                        result.put(id, compared.get(id));
                    }
                });
        return Map.copyOf(result);
    }

    private Map<String, Checkpoint.State> settled() {
        Map<String, Checkpoint.State> states = new HashMap<>();
        for (Checkpoint.State state : checkpoint.states()) {
            if (state.note() == null) {
                states.put(state.id(), state);
            }
        }
        return states;
    }

    private Map<String, Totals> ask(List<String> ids) throws IOException {
        Map<String, Totals> answers = new HashMap<>();
        for (int i = 0; i < ids.size(); i += IDS) {
            answers.putAll(ask(client, ids.subList(i, Math.min(ids.size(), i + IDS))));
        }
        return answers;
    }

    /**
     * What the far end has of some files; those it does not know are absent.
     *
     * @throws IOException if it does not answer the question
     */
    static Map<String, Totals> ask(OtlpClient client, List<String> ids) throws IOException {
        List<String> parameters = new ArrayList<>();
        ids.forEach(id -> parameters.add("id=" + id));
        byte[] answer =
                client.get("/api/files?" + String.join("&", parameters))
                        .orElseThrow(NotCentral::new);
        Map<String, Totals> found = new HashMap<>();
        Matcher file = FILE.matcher(new String(answer, StandardCharsets.UTF_8));
        while (file.find()) {
            found.put(
                    file.group(1),
                    new Totals(Long.parseLong(file.group(2)), Long.parseLong(file.group(3))));
        }
        found.keySet().retainAll(ids);
        return found;
    }

    @Override
    public void close() {
        if (thread != null) {
            thread.interrupt();
        }
        client.close();
    }
}
