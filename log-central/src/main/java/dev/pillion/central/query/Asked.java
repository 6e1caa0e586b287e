package dev.pillion.central.query;

import dev.pillion.central.access.Grant;
import dev.pillion.central.connect.Opening;
import dev.pillion.central.store.Condition;
import dev.pillion.central.store.Deadline;
import dev.pillion.central.store.LogStore.Selection;
import dev.pillion.central.store.ResourceFilter;

import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * A request that may be answered: its parameters, and what its sender may see.
 *
 * @param opening with the parameters, wherever they came
 * @param response where the answer goes
 * @param queries runs the part of the answer that costs something
 * @param now epoch milliseconds at which it came
 */
public record Asked(
        Opening opening,
        ServerRequest request,
        ServerResponse response,
        Grant grant,
        Queries queries,
        long now) {

    private static final long MINUTE = 60_000_000_000L;
    private static final long DEFAULT_RANGE = 60 * MINUTE;

    /**
     * Waits for a turn, then asks the store, until the time is over or the client has gone. Nothing
     * is held while an answer is being sent.
     */
    public <T> T ask(Function<Deadline, T> question) {
        return queries.ask(request, response, question);
    }

    /** As {@link #ask}, for an answer that has begun: writing it shows whether the client left. */
    <T> T askMore(Function<Deadline, T> question) {
        return queries.ask(question);
    }

    /** Whether the sender may still read; a token ends while a tail goes on. */
    public boolean stillAllowed() {
        return queries.stillAllowed(request);
    }

    /**
     * @throws IllegalArgumentException if there is another parameter: a misspelt one would
     *     otherwise give an answer to another question
     */
    public void only(String... names) {
        List<String> known = List.of(names);
        for (String name : opening.query().names()) {
            // A '&' at the end is a parameter without a name.
            if (!name.isEmpty() && !known.contains(name)) {
                throw new IllegalArgumentException(
                        "'"
                                + name
                                + "' is no parameter of "
                                + opening.path()
                                + "; these are: "
                                + String.join(", ", known));
            }
        }
    }

    /** The parameter, or the empty text. */
    public String text(String name) {
        return opening.text(name);
    }

    /** All values of the parameter. */
    public List<String> all(String name) {
        return opening.query().all(name, List::of);
    }

    /**
     * @throws IllegalArgumentException with a message for a person
     */
    public int number(String name, int byDefault, int least, int most) {
        String text = text(name);
        if (text.isEmpty()) {
            return byDefault;
        }
        try {
            int number = Integer.parseInt(text);
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Said below.
        }
        throw new IllegalArgumentException(
                name + ": '" + text + "' is not a number from " + least + " to " + most);
    }

    /** The condition of the parameter {@code query}. */
    public Condition condition() {
        return QueryParser.parse(text("query"));
    }

    /** What the sender may see. */
    public ResourceFilter resources() {
        return resources(grant);
    }

    /** What a grant's owner may see. */
    public static ResourceFilter resources(Grant grant) {
        return grant.limited()
                ? new ResourceFilter.OneOf(Grant.NAMESPACE, grant.namespaces())
                : ResourceFilter.ALL;
    }

    /** The parameters {@code query}, {@code from} and {@code to}; the last hour by default. */
    public Selection selection() {
        long nanos = TimeUnit.MILLISECONDS.toNanos(now);
        String to = text("to");
        String from = text("from");
        long end = to.isEmpty() ? nanos + MINUTE : Times.parse("to", to, nanos);
        long start = from.isEmpty() ? end - DEFAULT_RANGE : Times.parse("from", from, nanos);
        if (start >= end) {
            throw new IllegalArgumentException("from must be before to");
        }
        return new Selection(condition(), resources(), start, end);
    }
}
