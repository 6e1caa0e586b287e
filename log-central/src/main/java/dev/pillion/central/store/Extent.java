package dev.pillion.central.store;

import java.util.Map;

/**
 * The times and numbers between which the records of a day lie, so that a query passes the day by
 * without reading it.
 *
 * @param earliest epoch nanoseconds; above {@code latest} if there are none
 * @param first the lowest number
 */
record Extent(long earliest, long latest, long first, long last) {

    static final Extent NONE =
            new Extent(Long.MAX_VALUE, Long.MIN_VALUE, Long.MAX_VALUE, Long.MIN_VALUE);

    Extent with(long otherEarliest, long otherLatest, long otherFirst, long otherLast) {
        return new Extent(
                Math.min(earliest, otherEarliest),
                Math.max(latest, otherLatest),
                Math.min(first, otherFirst),
                Math.max(last, otherLast));
    }

    /** As the commit of an index carries it. */
    Map<String, String> toMap() {
        return Map.of(
                "earliest", Long.toString(earliest),
                "latest", Long.toString(latest),
                "first", Long.toString(first),
                "last", Long.toString(last));
    }

    static Extent of(Map<String, String> map) {
        return map.containsKey("last")
                ? new Extent(
                        Long.parseLong(map.get("earliest")),
                        Long.parseLong(map.get("latest")),
                        Long.parseLong(map.get("first")),
                        Long.parseLong(map.get("last")))
                : NONE;
    }
}
