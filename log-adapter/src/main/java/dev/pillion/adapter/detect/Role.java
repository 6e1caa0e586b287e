package dev.pillion.adapter.detect;

/** What a field of a header means. */
public enum Role {
    LEVEL(0),
    THREAD(1),
    LOGGER(2),
    PID(3),
    HOST(4),
    APP(5),
    METHOD(6),
    OTHER(7);

    /** Where {@link Header} keeps it. */
    final int slot;

    Role(int slot) {
        this.slot = slot;
    }
}
