package dev.pillion.ambassador.routes;

import dev.pillion.ambassador.settings.Mistake;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * The configuration in use: one table, swapped whole. Start-up and every reload take {@link #load};
 * the first table is applied as a difference to an empty one. A table with a mistake never replaces
 * a good one. Guarded by its own lock; reading the state takes none.
 *
 * @see dev.pillion.ambassador.listen.Listeners#apply the next hop
 */
public final class LiveRoutes {

    private static final Logger LOG = System.getLogger(LiveRoutes.class.getName());

    /** Where properties come from. */
    @FunctionalInterface
    public interface Source {
        /**
         * @throws IOException if a file cannot be read; the message names it
         */
        Map<String, String> read() throws IOException;
    }

    /** Who makes a table true. */
    @FunctionalInterface
    public interface Target {
        /**
         * @return empty if the new table holds from now on, otherwise why the old one still does
         */
        List<Mistake> apply(RouteTable from, RouteTable to);
    }

    /**
     * What holds now.
     *
     * @param table in use
     * @param generation 0 before the first table, one more with each
     * @param loadedAt when this table was taken
     * @param mistakes of the configuration that lies there now, if it was refused
     * @param refusedTotal how many configurations were refused since the start
     */
    public record State(
            RouteTable table,
            long generation,
            Instant loadedAt,
            List<Mistake> mistakes,
            long refusedTotal) {

        /** Copies the list. */
        public State {
            mistakes = List.copyOf(mistakes);
        }
    }

    private final Source source;
    private final Target target;
    private final String secretsDirectory;
    private final Clock clock;
    private volatile State state;

    /**
     * @param secretsDirectory named in messages about missing credentials
     * @param clock for {@link State#loadedAt}
     */
    public LiveRoutes(Source source, Target target, String secretsDirectory, Clock clock) {
        this.source = source;
        this.target = target;
        this.secretsDirectory = secretsDirectory;
        this.clock = clock;
        this.state = new State(RouteTable.EMPTY, 0, clock.instant(), List.of(), 0);
    }

    /** What holds now; never changes once returned. */
    public State state() {
        return state;
    }

    /**
     * Reads everything again and makes it true if it is whole.
     *
     * @return the mistakes; empty if what lies there is in use now
     */
    public synchronized List<Mistake> load() {
        Map<String, String> properties;
        try {
            properties = source.read();
        } catch (IOException unreadable) {
            return refuse(List.of(new Mistake("configuration", "", "unreadable: " + unreadable)));
        }
        RouteTableParser.Parsed parsed = RouteTableParser.parse(properties, secretsDirectory);
        if (!parsed.mistakes().isEmpty()) {
            return refuse(parsed.mistakes());
        }
        if (state.generation() > 0 && parsed.table().equals(state.table())) {
            state =
                    new State(
                            state.table(),
                            state.generation(),
                            state.loadedAt(),
                            List.of(),
                            state.refusedTotal());
            return List.of();
        }
        List<Mistake> mistakes = target.apply(state.table(), parsed.table());
        if (!mistakes.isEmpty()) {
            return refuse(mistakes);
        }
        state =
                new State(
                        parsed.table(),
                        state.generation() + 1,
                        clock.instant(),
                        List.of(),
                        state.refusedTotal());
        LOG.log(
                Level.INFO,
                "configuration loaded generation={0} routes={1}",
                state.generation(),
                state.table().routes().size());
        return List.of();
    }

    private List<Mistake> refuse(List<Mistake> mistakes) {
        boolean news = !mistakes.equals(state.mistakes());
        state =
                new State(
                        state.table(),
                        state.generation(),
                        state.loadedAt(),
                        mistakes,
                        state.refusedTotal() + 1);
        if (news && state.generation() > 0) {
            for (Mistake mistake : mistakes) {
                LOG.log(
                        Level.WARNING,
                        () ->
                                "configuration refused, generation "
                                        + state.generation()
                                        + " serves on: "
                                        + mistake.line());
            }
        }
        return mistakes;
    }
}
