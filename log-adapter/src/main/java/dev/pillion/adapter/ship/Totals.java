package dev.pillion.adapter.ship;

/**
 * How much of a file is safe at the far end, as either side counts it.
 *
 * @param records that were taken, those set aside or rejected not among them
 * @param position offset of the last of them; -1 if there is none
 */
public record Totals(long records, long position) {

    static final Totals NONE = new Totals(0, -1);

    Totals plus(long more, long last) {
        return new Totals(records + more, Math.max(position, last));
    }
}
