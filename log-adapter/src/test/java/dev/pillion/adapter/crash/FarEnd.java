package dev.pillion.adapter.crash;

/** What stands between an adapter and its lines' being safe. */
enum FarEnd {
    WELL,
    /** 503 half of the time. */
    UNAVAILABLE,
    /** Stores, and answers 200 ms late. */
    SLOW,
    /** Is killed and comes back with what it had stored. */
    KILLED,
    /** Stores, and one answer in three is cut off. */
    CUT
}
