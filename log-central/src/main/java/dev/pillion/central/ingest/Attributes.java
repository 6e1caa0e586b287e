package dev.pillion.central.ingest;

/** Looks into one {@code KeyValue} message. */
final class Attributes {

    private Attributes() {}

    /** The string value if the key is this one, else the empty string. */
    static String stringOf(byte[] bytes, int start, int end, String wanted) {
        Wire wire = new Wire(bytes, start, end);
        String key = "";
        String value = "";
        while (wire.next()) {
            if (wire.is(Otlp.KEY, Wire.BYTES)) {
                key = wire.text();
            } else if (wire.is(Otlp.VALUE, Wire.BYTES)) {
                int length = wire.bytes();
                Wire any = new Wire(bytes, wire.position() - length, wire.position());
                while (any.next()) {
                    if (any.is(Otlp.STRING_VALUE, Wire.BYTES)) {
                        value = any.text();
                    } else {
                        any.skip();
                    }
                }
            } else {
                wire.skip();
            }
        }
        return key.equals(wanted) ? value : "";
    }
}
