package dev.pillion.adapter;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

import java.nio.file.Files;
import java.nio.file.Path;

/** A checkpoint that was damaged while the adapter was away. */
class CorruptCheckpointTest extends AdapterTest {

    @Test
    void keepsACorruptCheckpointAsideAndSaysSo() throws Exception {
        write(file, 0, 100);
        start();
        expect(0, 100);
        adapter.stop();
        Path journal = state.resolve("checkpoint.journal");
        byte[] bytes = Files.readAllBytes(journal);
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = bytes[i] == '\n' ? bytes[i] : (byte) 'x';
        }
        Files.write(journal, bytes);
        start();
        assertEquals(1, adapter.checkpoint().remarks().size());
        write(file, 100, 110);
        // It goes on with the last record that the far end has.
        expect(0, 110);
        assertEquals(1, central.repeats());
        counts(110, 110);
    }

    @Test
    void goesOnWithWhatCanBeReadOfACorruptCheckpoint() throws Exception {
        Path other = logs.resolve("other.log");
        write(file, 0, 100);
        start();
        expect(0, 100);
        write(other, 100, 150);
        expect(0, 150);
        adapter.stop();
        Path journal = state.resolve("checkpoint.journal");
        String text = Files.readString(journal);
        Files.writeString(journal, "garbage" + text.substring(7));
        start();
        assertEquals(1, adapter.checkpoint().remarks().size());
        write(other, 150, 160);
        expect(0, 160);
        write(file, 160, 170);
        expect(0, 170);
        assertEquals(0, central.repeats());
    }
}
