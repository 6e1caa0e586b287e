package dev.pillion.central.ingest;

import java.util.Arrays;

/**
 * A resource or a scope as it came: the message's own bytes and its schema URL. Two are equal when
 * their bytes are.
 */
public final class Origin {

    private final byte[] message;
    private final String schemaUrl;
    private final int hash;

    /**
     * @param message the Resource or InstrumentationScope message; not copied, must not change
     */
    public Origin(byte[] message, String schemaUrl) {
        this.message = message;
        this.schemaUrl = schemaUrl;
        this.hash = 31 * Arrays.hashCode(message) + schemaUrl.hashCode();
    }

    /** The message's bytes; not to be changed. */
    public byte[] message() {
        return message;
    }

    public String schemaUrl() {
        return schemaUrl;
    }

    /**
     * The text of a resource's attribute; the empty string if it is absent or not text. If there
     * are several of the name, the first counts.
     */
    public String attribute(String name) {
        Wire wire = new Wire(message, 0, message.length);
        while (wire.next()) {
            if (wire.is(Otlp.RESOURCE_ATTRIBUTES, Wire.BYTES)) {
                int length = wire.bytes();
                int from = wire.position() - length;
                String value = Attributes.stringOf(message, from, wire.position(), name);
                if (!value.isEmpty()) {
                    return value;
                }
            } else {
                wire.skip();
            }
        }
        return "";
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Origin that
                && hash == that.hash
                && Arrays.equals(message, that.message)
                && schemaUrl.equals(that.schemaUrl);
    }

    @Override
    public int hashCode() {
        return hash;
    }
}
