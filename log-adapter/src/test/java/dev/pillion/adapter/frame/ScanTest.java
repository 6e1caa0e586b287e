package dev.pillion.adapter.frame;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;

/** Eight bytes at a time find what one byte at a time would. */
class ScanTest {

    @Test
    void findsTheFirstWhereverItStands() {
        for (int length = 0; length < 72; length++) {
            for (int at = 0; at <= length; at++) {
                byte[] bytes = ".".repeat(length).getBytes(StandardCharsets.US_ASCII);
                if (at < length) {
                    bytes[at] = '\n';
                    // One more than what is looked for: a borrow must not reach it.
                    bytes[length - 1] = at < length - 1 ? (byte) ('\n' + 1) : bytes[length - 1];
                }
                assertEquals(at, Scan.newline(bytes, 0, length), length + " bytes");
            }
        }
    }

    @Test
    void findsTheFirstByteThatIsNotAscii() {
        byte[] bytes =
                "0123456789012345678012345678901234567890123é".getBytes(StandardCharsets.UTF_8);
        assertEquals(43, Scan.ascii(bytes, 0, bytes.length));
        assertEquals(20, Scan.ascii(bytes, 20, 20));
    }
}
