package dev.pillion.adapter.detect;

/**
 * How one file's records are written. Found once a file by {@link Detector}; immutable, so that any
 * thread may use it with its own {@link Stamp} and {@link Header}.
 *
 * @see dev.pillion.adapter.frame.Framer the next user: it asks which lines start a record
 * @see dev.pillion.adapter.parse.RecordParser
 */
public sealed interface Dialect {

    /**
     * Whether the physical line starts a record.
     *
     * @param from first byte of the line
     * @param to after its last byte, line end excluded
     */
    boolean starts(byte[] bytes, int from, int to, Stamp stamp, Header header);

    /** Whether a record never has more than one line, so that it is whole with its line end. */
    default boolean singleLine() {
        return switch (this) {
            case Json json -> true;
            case Logfmt logfmt -> true;
            case AccessLog access -> true;
            case Pattern pattern -> false;
            case Plain plain -> false;
        };
    }

    /** The family: {@code layout}, {@code json}, {@code logfmt}, {@code access}, {@code plain}. */
    String name();

    /** For people: the grammar in the notation of logging libraries. */
    String description();

    /** One JSON object a line. */
    record Json() implements Dialect {
        @Override
        public boolean starts(byte[] bytes, int from, int to, Stamp stamp, Header header) {
            return from < to && bytes[from] == '{';
        }

        @Override
        public String name() {
            return "json";
        }

        @Override
        public String description() {
            return "one JSON object a line";
        }
    }

    /** {@code key=value} pairs. */
    record Logfmt() implements Dialect {
        @Override
        public boolean starts(byte[] bytes, int from, int to, Stamp stamp, Header header) {
            return Logfmts.keyEnd(bytes, from, to) > 0;
        }

        @Override
        public String name() {
            return "logfmt";
        }

        @Override
        public String description() {
            return "key=value pairs";
        }
    }

    /** Common or combined log format of web servers. */
    record AccessLog(boolean combined) implements Dialect {
        @Override
        public boolean starts(byte[] bytes, int from, int to, Stamp stamp, Header header) {
            return from < to;
        }

        @Override
        public String name() {
            return "access";
        }

        @Override
        public String description() {
            return combined
                    ? "%h %l %u [%t] \"%r\" %>s %b \"%{Referer}i\" \"%{User-agent}i\""
                    : "%h %l %u [%t] \"%r\" %>s %b";
        }
    }

    /** A header grammar inferred from the file itself. */
    record Pattern(Layout layout) implements Dialect {
        @Override
        public boolean starts(byte[] bytes, int from, int to, Stamp stamp, Header header) {
            return layout.starts(bytes, from, to, stamp, header);
        }

        @Override
        public String name() {
            return "layout";
        }

        @Override
        public String description() {
            return layout.toString();
        }
    }

    /** Nothing recognised: each line is a record, but for the lines of a Java stack trace. */
    record Plain() implements Dialect {
        @Override
        public boolean starts(byte[] bytes, int from, int to, Stamp stamp, Header header) {
            return !Lines.continuation(bytes, from, to);
        }

        @Override
        public String name() {
            return "plain";
        }

        @Override
        public String description() {
            return "plain text, a record a line";
        }
    }
}
