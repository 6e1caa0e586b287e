package dev.pillion.central.store;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pillion.central.Waiting;
import dev.pillion.central.head.Rows;
import dev.pillion.central.ingest.Origin;

import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.logs.v1.LogRecord;

import org.apache.lucene.index.IndexWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;

class DayIndexTest {

    /** More than Lucene leaves side by side. */
    private static final int SEGMENTS = 100;

    @TempDir Path directory;

    private static Rows row(int number) {
        byte[] data =
                LogRecord.newBuilder()
                        .setBody(AnyValue.newBuilder().setStringValue("record " + number))
                        .build()
                        .toByteArray();
        Origin none = new Origin(new byte[0], "");
        return new Rows(
                none,
                new Origin[] {none},
                data,
                new int[] {0, data.length},
                new long[] {1_790_000_000_000_000_000L},
                new long[] {number},
                new int[1],
                new byte[1],
                1);
    }

    /** A merge ends when it will; nothing may be added after it for days. */
    @Test
    void holdsNothingOfWhatAMergeHasReplaced() throws Exception {
        try (DayIndex index = new DayIndex(directory, 0)) {
            index.commit();
            int segments = 0;
            while (segments < SEGMENTS && !isDirtySoon(index)) {
                index.add(row(segments++));
                assertTrue(index.stale() && index.dirty());
                index.swap(index.refreshed());
                index.commit();
            }
            assertTrue(index.dirty(), "no merge of " + segments + " segments");
            int before = index.committedFiles().size();
            Waiting.until(
                    "nothing but what is committed, of fewer segments",
                    () -> {
                        if (index.dirty()) {
                            index.commit();
                        }
                        if (index.stale()) {
                            index.swap(index.refreshed());
                        }
                        Set<Path> committed = Set.copyOf(index.committedFiles());
                        return committed.size() < before && committed.equals(files());
                    });
            assertFalse(index.stale() || index.dirty());
        }
    }

    private Set<Path> files() throws IOException {
        try (var files = Files.list(directory)) {
            return files.filter(file -> !file.endsWith(IndexWriter.WRITE_LOCK_NAME))
                    .collect(Collectors.toSet());
        }
    }

    private static boolean isDirtySoon(DayIndex index) {
        for (int look = 0; look < 10 && !index.dirty(); look++) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
        return index.dirty();
    }
}
