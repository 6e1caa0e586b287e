package dev.pillion.central.store;

import dev.pillion.central.regex.Expression;

import java.util.List;
import java.util.regex.Pattern;

/**
 * What a store can be asked. The language in which people write it is the {@code query} package's
 * matter. An empty {@code field} means: anywhere in the record that people read, which is the body,
 * the values of attributes, the scope's and the event's name, and the ids as hexadecimal text.
 */
public sealed interface Condition {

    /** True of every record. */
    record Everything() implements Condition {}

    /**
     * The text occurs, without regard to case.
     *
     * @param wordStart whether it must begin where a word begins
     * @param wordEnd whether it must end where a word ends
     */
    record Text(String field, String text, boolean wordStart, boolean wordEnd)
            implements Condition {}

    /**
     * The pattern is found in a value.
     *
     * @param expression what is known of the pattern
     */
    record Regex(String field, Pattern pattern, Expression expression) implements Condition {
        public Regex(String field, Pattern pattern) {
            this(field, pattern, Expression.of(pattern));
        }
    }

    /** A value is exactly this, case included. */
    record Exact(String field, String value) implements Condition {}

    /** A value lies between two bounds; numbers compare as numbers. An empty bound is none. */
    record Range(String field, String low, boolean lowIncluded, String high, boolean highIncluded)
            implements Condition {}

    /** The field is there. */
    record Exists(String field) implements Condition {}

    /** The severity number lies between two others, both included. */
    record Severity(int low, int high) implements Condition {}

    record And(List<Condition> parts) implements Condition {
        public And {
            parts = List.copyOf(parts);
        }
    }

    record Or(List<Condition> parts) implements Condition {
        public Or {
            parts = List.copyOf(parts);
        }
    }

    record Not(Condition part) implements Condition {}
}
