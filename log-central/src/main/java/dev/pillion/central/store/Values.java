package dev.pillion.central.store;

import dev.pillion.central.head.Rows;
import dev.pillion.central.ingest.Origin;
import dev.pillion.central.ingest.Otlp;
import dev.pillion.central.ingest.Wire;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;

/** Finds the values of a field in a record by walking its bytes. */
final class Values {

    /** Is given each value until it returns true. */
    interface Visitor {
        boolean text(byte[] bytes, int from, int to);

        boolean whole(long value);

        boolean decimal(double value);

        boolean truth(boolean value);
    }

    private Values() {}

    /** Everything that people read. Returns whether a visitor said so. */
    static boolean anywhere(Rows rows, int row, Visitor visitor) {
        return anywhere(rows.data(), rows.offsets()[row], rows.offsets()[row + 1], visitor)
                || scopeName(rows.scopes()[rows.scope()[row]], visitor);
    }

    /** As above, of a record's own bytes. */
    static boolean anywhere(byte[] data, int from, int to, Visitor visitor) {
        Wire wire = new Wire(data, from, to);
        while (wire.next()) {
            if (wire.type() != Wire.BYTES) {
                wire.skip();
                continue;
            }
            int length = wire.bytes();
            int start = wire.position() - length;
            if (anywhereIn(wire.field(), data, start, wire.position(), visitor)) {
                return true;
            }
        }
        return false;
    }

    /** As above, of the bytes of one field of a record. */
    static boolean anywhereIn(int number, byte[] data, int from, int to, Visitor visitor) {
        return switch (number) {
            case Otlp.BODY -> value(data, from, to, visitor);
            case Otlp.ATTRIBUTES -> pair(data, from, to, null, visitor);
            case Otlp.EVENT_NAME -> visitor.text(data, from, to);
            case Otlp.TRACE_ID, Otlp.SPAN_ID -> hex(data, from, to, visitor);
            default -> false;
        };
    }

    /** The number of the record's own field of this name, OTLP's or OTLP/JSON's, or 0. */
    static int number(String field) {
        return switch (field) {
            case "body", "message" -> Otlp.BODY;
            case "severity_text", "severityText" -> Otlp.SEVERITY_TEXT;
            case "trace_id", "traceId" -> Otlp.TRACE_ID;
            case "span_id", "spanId" -> Otlp.SPAN_ID;
            case "event", "event_name", "eventName" -> Otlp.EVENT_NAME;
            default -> 0;
        };
    }

    /** Whether this is what the number of the severity is asked for by. */
    static boolean isSeverityNumber(String field) {
        return switch (field) {
            case "severity_number", "severityNumber" -> true;
            default -> false;
        };
    }

    /** Whether this is what the name of the scope is asked for by. */
    static boolean isScopeName(String field) {
        return switch (field) {
            case "scope", "scope.name", "logger" -> true;
            default -> false;
        };
    }

    /** The values of one field, by its name. */
    static boolean named(Rows rows, int row, String field, byte[] name, Visitor visitor) {
        if (isScopeName(field)) {
            return scopeName(rows.scopes()[rows.scope()[row]], visitor);
        }
        if (isSeverityNumber(field)) {
            return visitor.whole(rows.severities()[row]);
        }
        return named(
                rows.data(), rows.offsets()[row], rows.offsets()[row + 1], field, name, visitor);
    }

    /** As above, of a record's own bytes. */
    static boolean named(
            byte[] data, int from, int to, String field, byte[] name, Visitor visitor) {
        Wire wire = new Wire(data, from, to);
        while (wire.next()) {
            if (wire.type() != Wire.BYTES) {
                wire.skip();
                continue;
            }
            int length = wire.bytes();
            int start = wire.position() - length;
            if (namedIn(wire.field(), data, start, wire.position(), field, name, visitor)) {
                return true;
            }
        }
        return false;
    }

    /** As above, of the bytes of one field of a record. */
    static boolean namedIn(
            int number, byte[] data, int from, int to, String field, byte[] name, Visitor visitor) {
        if (number == Otlp.ATTRIBUTES) {
            return pair(data, from, to, name, visitor);
        }
        int wanted = number(field);
        if (number == Otlp.BODY) {
            return wanted == Otlp.BODY
                    ? value(data, from, to, visitor)
                    : inside(data, from, to, name, visitor);
        }
        if (number != wanted) {
            return false;
        }
        return (number == Otlp.TRACE_ID || number == Otlp.SPAN_ID)
                ? hex(data, from, to, visitor)
                : visitor.text(data, from, to);
    }

    /** An attribute of the resource or the scope. */
    static boolean ofOrigin(Origin origin, int attributesField, byte[] name, Visitor visitor) {
        byte[] message = origin.message();
        Wire wire = new Wire(message, 0, message.length);
        while (wire.next()) {
            if (wire.is(attributesField, Wire.BYTES)) {
                int length = wire.bytes();
                if (pair(message, wire.position() - length, wire.position(), name, visitor)) {
                    return true;
                }
            } else {
                wire.skip();
            }
        }
        return false;
    }

    static boolean scopeName(Origin origin, Visitor visitor) {
        byte[] scope = origin.message();
        Wire wire = new Wire(scope, 0, scope.length);
        while (wire.next()) {
            if (wire.is(Otlp.SCOPE_NAME, Wire.BYTES)) {
                int length = wire.bytes();
                if (visitor.text(scope, wire.position() - length, wire.position())) {
                    return true;
                }
            } else {
                wire.skip();
            }
        }
        return false;
    }

    private static boolean hex(byte[] data, int from, int to, Visitor visitor) {
        byte[] text = HexFormat.of().formatHex(data, from, to).getBytes(StandardCharsets.US_ASCII);
        return visitor.text(text, 0, text.length);
    }

    /** A KeyValue; with a name, only if that is its key. */
    private static boolean pair(byte[] data, int from, int to, byte[] name, Visitor visitor) {
        Wire wire = new Wire(data, from, to);
        boolean wanted = name == null;
        while (wire.next()) {
            if (wire.is(Otlp.KEY, Wire.BYTES)) {
                int length = wire.bytes();
                if (name != null) {
                    wanted =
                            Arrays.equals(
                                    data,
                                    wire.position() - length,
                                    wire.position(),
                                    name,
                                    0,
                                    name.length);
                    if (!wanted) {
                        return false;
                    }
                }
            } else if (wire.is(Otlp.VALUE, Wire.BYTES)) {
                int length = wire.bytes();
                if (wanted && value(data, wire.position() - length, wire.position(), visitor)) {
                    return true;
                }
            } else {
                wire.skip();
            }
        }
        return false;
    }

    /** The entry of a body that is a map. */
    private static boolean inside(byte[] data, int from, int to, byte[] name, Visitor visitor) {
        Wire wire = new Wire(data, from, to);
        while (wire.next()) {
            if (wire.is(Otlp.KVLIST_VALUE, Wire.BYTES)) {
                int length = wire.bytes();
                if (items(data, wire.position() - length, wire.position(), true, name, visitor)) {
                    return true;
                }
            } else {
                wire.skip();
            }
        }
        return false;
    }

    private static boolean items(
            byte[] data, int from, int to, boolean pairs, byte[] name, Visitor visitor) {
        Wire items = new Wire(data, from, to);
        while (items.next()) {
            if (items.is(Otlp.VALUES, Wire.BYTES)) {
                int length = items.bytes();
                int start = items.position() - length;
                if (pairs
                        ? pair(data, start, items.position(), name, visitor)
                        : value(data, start, items.position(), visitor)) {
                    return true;
                }
            } else {
                items.skip();
            }
        }
        return false;
    }

    static boolean value(byte[] data, int from, int to, Visitor visitor) {
        Wire wire = new Wire(data, from, to);
        while (wire.next()) {
            boolean stop = false;
            switch (wire.tag()) {
                case Otlp.STRING_VALUE << 3 | Wire.BYTES -> {
                    int length = wire.bytes();
                    stop = visitor.text(data, wire.position() - length, wire.position());
                }
                case Otlp.INT_VALUE << 3 | Wire.VARINT -> stop = visitor.whole(wire.varint());
                case Otlp.BOOL_VALUE << 3 | Wire.VARINT -> stop = visitor.truth(wire.varint() != 0);
                case Otlp.DOUBLE_VALUE << 3 | Wire.FIXED64 ->
                        stop = visitor.decimal(Double.longBitsToDouble(wire.fixed64()));
                case Otlp.ARRAY_VALUE << 3 | Wire.BYTES -> {
                    int length = wire.bytes();
                    int start = wire.position() - length;
                    stop = items(data, start, wire.position(), false, null, visitor);
                }
                case Otlp.KVLIST_VALUE << 3 | Wire.BYTES -> {
                    int length = wire.bytes();
                    int start = wire.position() - length;
                    stop = items(data, start, wire.position(), true, null, visitor);
                }
                default -> wire.skip();
            }
            if (stop) {
                return true;
            }
        }
        return false;
    }
}
