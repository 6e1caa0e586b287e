package dev.pillion.adapter.ship;

/**
 * How much of a file is done with, as either side counts it: here what was sent and answered, there
 * what was taken. A record set aside or rejected is counted here alone.
 *
 * @param records how many
 * @param position offset of the last of them; -1 if there is none
 */
public record Totals(long records, long position) {

    static final Totals NONE = new Totals(0, -1);

    Totals plus(long more, long last) {
        return new Totals(records + more, Math.max(position, last));
    }
}
