package dev.pillion.central.ingest;

import java.util.List;

/**
 * One request, decoded: where each record lies in the protobuf body, and what the next stages need
 * of it without parsing it again. The bytes of a record are kept exactly as they came.
 *
 * @param body the protobuf body, decompressed (of a JSON request: its transcoding)
 * @param groups the records' resources and scopes, in order
 * @param offsets first byte of each record in {@code body}
 * @param lengths bytes of each record
 * @param times the records' own time in epoch nanoseconds: time, else observed time, else 0
 * @param positions {@code log.file.position} of each record, or -1
 * @param severities severity numbers, 0 to 24
 * @param rejections records that are refused; they do not appear in the arrays
 * @see dev.pillion.central.journal.Journal where it goes next
 */
@SuppressWarnings("ArrayRecordComponent") // Shared, not compared.
public record Batch(
        byte[] body,
        List<Group> groups,
        int[] offsets,
        int[] lengths,
        long[] times,
        long[] positions,
        byte[] severities,
        List<Rejection> rejections) {

    public Batch {
        groups = List.copyOf(groups);
        rejections = List.copyOf(rejections);
    }

    /** How many records were accepted by the decoder. */
    public int size() {
        return offsets.length;
    }

    /**
     * Records {@code [from, to)} of one scope of one resource.
     *
     * @param resource the Resource message and the schema URL as {@code ResourceLogs} has them
     * @param file the {@link FileKey} of its {@code log.file.id}, or the empty string
     * @param scope the InstrumentationScope message and the schema URL as {@code ScopeLogs} has
     *     them
     */
    public record Group(Origin resource, String file, Origin scope, int from, int to) {}

    /**
     * A record that is refused for a reason its sender can understand.
     *
     * @param index its place among all records of the request, from 0
     */
    public record Rejection(int index, String reason) {}
}
