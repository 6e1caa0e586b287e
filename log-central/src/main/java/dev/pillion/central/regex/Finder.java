package dev.pillion.central.regex;

import dev.pillion.central.regex.Node.Chars;
import dev.pillion.central.regex.Node.Choice;
import dev.pillion.central.regex.Node.Repeat;
import dev.pillion.central.regex.Node.Sequence;

import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * An automaton that reads a text's bytes once, each of its states made when it is first met. A
 * character beyond ASCII is any run of bytes beyond, so of texts that have some it may say yes too
 * often, never no. Used by one thread.
 */
public final class Finder {

    /** Steps of the expression written out; one that has more is not taken. */
    private static final int MAX_STEPS = 4000;

    /**
     * Numbers in the table, and steps of all states: 64 KiB each, because a query may have many
     * expressions. When full it begins anew.
     */
    private static final int MAX_TABLE = 1 << 14;

    private static final int MAX_STEPS_OF_STATES = 1 << 14;

    /** A state is to be of use for as many bytes, or java.util.regex does better. */
    private static final int BYTES_A_STATE = 16;

    private static final int FOUND = -1;
    private static final int UNKNOWN = 0;

    /** The symbol of all bytes beyond ASCII. */
    private static final int BEYOND = 128;

    /** What a finder says of a text. */
    public enum Answer {
        NO,
        /** java.util.regex must be asked. */
        MAYBE,
        YES
    }

    private final boolean exact;
    private final Needle start;
    private final Runnable pause;

    // The expression as steps: a set of characters and where it leads, or two ways to go on.
    private final List<Chars> sets = new ArrayList<>();
    private int[] one = new int[64];
    private int[] other = new int[64];
    private int steps;
    private final int end;
    private final int[] initial;
    private final int[] open;

    /** The bytes that no set tells apart are one class; its number. */
    private final int[] classes = new int[256];

    /** A character of each class. */
    private final int[] examples;

    /** Where a class leads from a state: at the state's number plus the class's. */
    private int[] table;

    private final Map<IntBuffer, Integer> states = new HashMap<>();
    private final List<int[]> stepsOf = new ArrayList<>();
    private int stepsOfStates;
    private final int width;
    private int startState;
    private long made;
    private long read;
    private boolean useless;

    /** The expression written out is too long. */
    static final class TooLong extends RuntimeException {
        private static final long serialVersionUID = 1;

        TooLong() {
            super(null, null, false, false);
        }
    }

    /**
     * @param tree what is looked for
     * @param start what each match begins with
     * @param pause called now and then when a search takes long; may throw
     * @throws TooLong if it is
     */
    Finder(Reader.Tree tree, Needle start, Runnable pause) {
        exact = tree.exact();
        this.start = start;
        this.pause = pause;
        end = step(null, -1, -1);
        int first = write(tree.node(), end);
        examples = classify();
        width = examples.length;
        table = new int[Math.max(width * 16, 64)];
        open = new int[2 * steps + 2];
        BitSet closure = new BitSet();
        close(first, closure);
        initial = closure.stream().toArray();
        begin();
    }

    private int step(Chars set, int to, int orTo) {
        if (steps == MAX_STEPS) {
            throw new TooLong();
        }
        if (steps == one.length) {
            one = Arrays.copyOf(one, steps * 2);
            other = Arrays.copyOf(other, steps * 2);
        }
        sets.add(set);
        one[steps] = to;
        other[steps] = orTo;
        return steps++;
    }

    /** Writes the steps of a part that goes on to another; returns its first. */
    private int write(Node node, int then) {
        return switch (node) {
            case Chars set -> step(set, then, -1);
            case Sequence(List<Node> parts) -> {
                int next = then;
                for (Node part : parts.reversed()) {
                    next = write(part, next);
                }
                yield next;
            }
            case Choice(List<Node> parts) -> {
                int any = write(parts.getLast(), then);
                for (Node part : parts.reversed().subList(1, parts.size())) {
                    any = step(null, write(part, then), any);
                }
                yield any;
            }
            case Repeat(Node part, int min, int max) -> {
                int next = then;
                if (max < 0) {
                    next = step(null, then, -1);
                    one[next] = write(part, next);
                    other[next] = then;
                }
                for (int i = min; i < max; i++) {
                    next = step(null, write(part, next), then);
                }
                for (int i = 0; i < min; i++) {
                    int before = steps;
                    next = write(part, next);
                    if (steps == before) {
                        // The part is empty, as often as it may be written.
                        break;
                    }
                }
                yield next;
            }
        };
    }

    private int[] classify() {
        List<Chars> distinct = sets.stream().filter(set -> set != null).distinct().toList();
        Map<BitSet, Integer> known = new HashMap<>();
        List<Integer> found = new ArrayList<>();
        for (int symbol = 0; symbol <= BEYOND; symbol++) {
            BitSet in = new BitSet();
            for (int i = 0; i < distinct.size(); i++) {
                in.set(i, has(distinct.get(i), symbol));
            }
            // Alone in its class, because it may be a part of a character.
            in.set(distinct.size(), symbol == BEYOND);
            if (!known.containsKey(in)) {
                known.put(in, known.size());
                found.add(symbol);
            }
            classes[symbol] = known.get(in);
        }
        Arrays.fill(classes, BEYOND, 256, classes[BEYOND]);
        return found.stream().mapToInt(Integer::intValue).toArray();
    }

    private static boolean has(Chars set, int symbol) {
        return symbol == BEYOND ? set.beyond() : set.has(symbol);
    }

    /** Adds a step and all to which it leads without a character. */
    private void close(int from, BitSet closure) {
        int waiting = 0;
        open[waiting++] = from;
        while (waiting > 0) {
            int step = open[--waiting];
            if (!closure.get(step)) {
                closure.set(step);
                if (sets.get(step) == null && step != end) {
                    open[waiting++] = one[step];
                    open[waiting++] = other[step];
                }
            }
        }
    }

    /** Forgets all states but the first. */
    private void begin() {
        states.clear();
        stepsOf.clear();
        stepsOfStates = 0;
        Arrays.fill(table, UNKNOWN);
        // No state is 0 or less: that is what there is to look at in a step.
        stepsOf.add(new int[0]);
        startState = state(initial);
    }

    /** The number of the state that is at these steps. */
    private int state(int[] at) {
        if (Arrays.binarySearch(at, end) >= 0) {
            return FOUND;
        }
        Integer known = states.get(IntBuffer.wrap(at));
        if (known != null) {
            return known;
        }
        int state = stepsOf.size() * width;
        stepsOf.add(at);
        stepsOfStates += at.length;
        made++;
        states.put(IntBuffer.wrap(at), state);
        if (state + width > table.length) {
            table = Arrays.copyOf(table, table.length * 2);
        }
        return state;
    }

    /** Makes the state where a class of bytes leads. */
    private int lead(int state, int byteClass) {
        pause.run();
        int symbol = examples[byteClass];
        BitSet to = new BitSet();
        for (int step : stepsOf.get(state / width)) {
            Chars set = sets.get(step);
            if (set != null && has(set, symbol)) {
                close(one[step], to);
                if (symbol == BEYOND) {
                    to.set(step);
                }
            }
        }
        for (int step : initial) {
            to.set(step);
        }
        boolean full =
                (stepsOf.size() + 1) * width > MAX_TABLE || stepsOfStates > MAX_STEPS_OF_STATES;
        if (full) {
            useless = made * BYTES_A_STATE > read;
            begin();
        }
        int then = state(to.stream().toArray());
        if (!full) {
            table[state + byteClass] = then;
        }
        return then;
    }

    /** Whether it is found in {@code [from, to)}, which is UTF-8. */
    public Answer find(byte[] bytes, int from, int to) {
        return find(bytes, from, to, place -> start.find(bytes, place, to));
    }

    /**
     * As above.
     *
     * @param starts where what each match begins with occurs, if anything is known of that
     */
    public Answer find(byte[] bytes, int from, int to, Occurrences starts) {
        if (startState == FOUND || useless) {
            return yes(bytes, from, to);
        }
        int startState = this.startState;
        // Nothing has begun in the state at the start, so what cannot begin is passed by there.
        int pass = start.length() > 0 ? startState : FOUND;
        int[] classes = this.classes;
        int[] table = this.table;
        int at = starts.next(from);
        read += to - Math.max(at, from);
        int state = startState;
        while (at >= 0 && at < to) {
            int byteClass = classes[bytes[at++] & 0xFF];
            int then = table[state + byteClass];
            if (then <= startState) {
                if (then == UNKNOWN) {
                    then = lead(state, byteClass);
                    table = this.table;
                }
                if (then == FOUND) {
                    return yes(bytes, from, to);
                }
                if (then == pass) {
                    at = starts.next(at);
                }
            }
            state = then;
        }
        return Answer.NO;
    }

    private Answer yes(byte[] bytes, int from, int to) {
        if (!exact || useless) {
            return Answer.MAYBE;
        }
        for (int i = from; i < to; i++) {
            if (bytes[i] < 0) {
                return Answer.MAYBE;
            }
        }
        return Answer.YES;
    }
}
