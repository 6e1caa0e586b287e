package dev.pillion.central.journal;

import dev.pillion.central.ingest.Body;

import java.util.Arrays;

/**
 * One accepted request as the journal keeps it: the bytes as they were sent, and the decisions made
 * about them, so that reading it again gives the same records under the same numbers.
 *
 * @param first the number of its first kept record; the others follow without gaps
 * @param received epoch nanoseconds when it came
 * @param hash 16 bytes: what the request is recognised by if it comes again
 * @param skipped indices (among the records the decoder accepts), rising, of records not kept:
 *     repeats
 * @param refused indices among all records of the request, rising, that the limits of that day
 *     rejected; they stay rejected whatever the settings become
 * @param sent the body, still compressed
 */
@SuppressWarnings("ArrayRecordComponent") // Shared, not compared.
public record Entry(
        long first,
        long received,
        byte[] hash,
        Body.Encoding encoding,
        Body.Format format,
        int[] skipped,
        int[] refused,
        byte[] sent) {

    @Override
    public boolean equals(Object other) {
        return other instanceof Entry that && first == that.first && Arrays.equals(sent, that.sent);
    }

    @Override
    public int hashCode() {
        return Long.hashCode(first);
    }

    @Override
    public String toString() {
        return "Entry " + first + ", " + sent.length + " bytes";
    }
}
