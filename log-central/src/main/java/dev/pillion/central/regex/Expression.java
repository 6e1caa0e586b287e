package dev.pillion.central.regex;

import dev.pillion.central.regex.Node.Chars;
import dev.pillion.central.regex.Node.Choice;
import dev.pillion.central.regex.Node.Repeat;
import dev.pillion.central.regex.Node.Sequence;
import dev.pillion.central.regex.Reader.Tree;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What is certain of whatever a regular expression finds, so that most texts need not be tried by
 * java.util.regex. It may say too little, never too much. May be used by many threads.
 */
public final class Expression {

    /** Texts of which one must occur, at most. */
    private static final int MAX_TEXTS = 16;

    /** Parts of an expression that are looked at for a needle, and its characters, at most. */
    private static final int MAX_PARTS = 64;

    private static final int MAX_NEEDLE = 16;

    /** The same character in a text, at most. */
    private static final int MAX_RUN = 100;

    /** Steps of an automaton that a place where a match may begin costs. */
    private static final double STEPS_OF_BEGINNING = 20;

    /** The same of a text that may match: it is read from its beginning. */
    private static final double STEPS_OF_TEXT = 60;

    private final Optional<Tree> tree;
    private final List<List<String>> texts;
    private final Needle start;
    private final Needle needle;
    private final boolean begins;

    private Expression(Optional<Tree> tree) {
        this.tree = tree;
        List<Node> parts = tree.map(Expression::parts).orElse(List.of());
        texts = textsOf(parts).stream().distinct().toList();
        start = best(parts, 1, STEPS_OF_BEGINNING);
        Needle inside = best(parts, MAX_PARTS, STEPS_OF_TEXT);
        begins =
                start.length() > 0
                        && (inside.length() == 0
                                || start.cost(STEPS_OF_BEGINNING) <= inside.cost(STEPS_OF_TEXT));
        needle = begins ? start : inside;
    }

    /** What can be said of a pattern. */
    public static Expression of(Pattern pattern) {
        return new Expression(Reader.read(pattern));
    }

    private static List<Node> parts(Tree tree) {
        return tree.node() instanceof Sequence(List<Node> parts) ? parts : List.of(tree.node());
    }

    /**
     * Of each of these lists a text occurs, without regard to the case of ASCII letters. All are
     * ASCII, in lower case; none is empty.
     */
    public List<List<String>> texts() {
        return texts;
    }

    /** This occurs. */
    public Needle needle() {
        return needle;
    }

    /** Whether whatever is found begins with the needle. */
    public boolean beginsWithNeedle() {
        return begins;
    }

    /**
     * An automaton for one thread.
     *
     * @param pause called now and then when a search takes long; may throw
     * @return nothing if the expression is beyond it
     */
    public Optional<Finder> finder(Runnable pause) {
        try {
            return tree.map(read -> new Finder(read, start, pause));
        } catch (Finder.TooLong e) {
            return Optional.empty();
        }
    }

    /** The cheapest run of characters that must occur, of those that begin in the first parts. */
    private static Needle best(List<Node> parts, int first, double further) {
        Needle best = Needle.NONE;
        // A step of an automaton for each byte is what there is without.
        double cost = 1;
        for (int i = 0; i < Math.min(first, parts.size()); i++) {
            List<Chars> run = new ArrayList<>();
            for (int next = i; next < parts.size() && run(parts.get(next), run); next++) {}
            for (int to = 1; to <= Math.min(run.size(), MAX_NEEDLE); to++) {
                Needle one = Needle.of(run.subList(0, to));
                double ownCost = one.cost(further);
                if (ownCost < cost) {
                    cost = ownCost;
                    best = one;
                }
            }
        }
        return best;
    }

    /**
     * Adds the characters that a match of a part begins with.
     *
     * @return whether that is all of it, so that the next part follows
     */
    private static boolean run(Node node, List<Chars> run) {
        return switch (node) {
            case Chars set -> {
                if (set.beyond() || run.size() == Needle.MAX_LENGTH) {
                    yield false;
                }
                run.add(set);
                yield true;
            }
            case Sequence(List<Node> parts) -> {
                for (Node part : parts) {
                    if (!run(part, run)) {
                        yield false;
                    }
                }
                yield true;
            }
            case Choice(List<Node> parts) -> {
                List<List<Chars>> runs = new ArrayList<>();
                boolean whole = true;
                int shortest = Needle.MAX_LENGTH - run.size();
                for (Node part : parts) {
                    List<Chars> own = new ArrayList<>();
                    whole &= run(part, own);
                    whole &= runs.isEmpty() || own.size() == runs.getFirst().size();
                    runs.add(own);
                    shortest = Math.min(shortest, own.size());
                }
                for (int i = 0; i < shortest; i++) {
                    int place = i;
                    run.add(runs.stream().map(own -> own.get(place)).reduce(Chars::or).get());
                }
                yield whole && shortest == runs.getFirst().size();
            }
            case Repeat(Node part, int min, int max) -> {
                boolean whole = true;
                int before = -1;
                // An empty part may be repeated any number of times.
                for (int i = 0; i < min && whole && run.size() > before; i++) {
                    before = run.size();
                    whole = run(part, run);
                }
                yield whole && min == max && run.size() < Needle.MAX_LENGTH;
            }
        };
    }

    /** Of a match of this part a text of each of these occurs. */
    private static List<List<String>> textsOf(Node node) {
        return switch (node) {
            case Chars _ -> textsOf(List.of(node));
            case Sequence(List<Node> parts) -> textsOf(parts);
            case Repeat(Node part, int min, int _) -> min == 0 ? List.of() : textsOf(part);
            case Choice(List<Node> parts) -> {
                List<String> any = new ArrayList<>();
                for (Node part : parts) {
                    List<String> own = longest(textsOf(part));
                    if (own.isEmpty() || any.size() + own.size() > MAX_TEXTS) {
                        yield List.of();
                    }
                    any.addAll(own);
                }
                yield List.of(any);
            }
        };
    }

    private static List<List<String>> textsOf(List<Node> parts) {
        List<List<String>> all = new ArrayList<>();
        StringBuilder run = new StringBuilder();
        for (Node part : parts) {
            switch (part) {
                case Chars set when set.single() >= 0 -> run.append((char) set.single());
                case Repeat(Chars set, int min, int max) when set.single() >= 0 && min > 0 -> {
                    String times = Character.toString(set.single()).repeat(Math.min(min, MAX_RUN));
                    run.append(times);
                    if (min != max || min > MAX_RUN) {
                        end(run, all);
                        run.append(times);
                    }
                }
                case Node other -> {
                    end(run, all);
                    if (!(other instanceof Chars)) {
                        all.addAll(textsOf(other));
                    }
                }
            }
        }
        end(run, all);
        return all;
    }

    private static void end(StringBuilder run, List<List<String>> all) {
        if (!run.isEmpty()) {
            all.add(List.of(run.toString()));
            run.setLength(0);
        }
    }

    /** The list whose shortest text is the longest; the empty one if there is none. */
    static List<String> longest(List<List<String>> lists) {
        return lists.stream().max(Comparator.comparingInt(Expression::shortest)).orElse(List.of());
    }

    private static int shortest(List<String> texts) {
        return texts.stream().mapToInt(String::length).min().orElse(0);
    }
}
