package dev.pillion.ambassador.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

class MessageWalkTest {

    @Test
    void findsTheSameMessagesHoweverTheBytesAreCut() {
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        List<String> expected = new ArrayList<>();
        Random random = new Random(7);
        for (int i = 0; i < 500; i++) {
            byte[] body = new byte[random.nextInt(5) == 0 ? 0 : random.nextInt(300)];
            random.nextBytes(body);
            char type = (char) random.nextInt(1, 256);
            stream.writeBytes(new Message(type, body).bytes());
            expected.add(type + " " + (body.length == 0 ? -1 : body[0] & 0xff));
        }
        byte[] bytes = stream.toByteArray();
        for (int longest : new int[] {1, 2, 4, 5, 6, 17, 1000, bytes.length}) {
            List<String> seen = new ArrayList<>();
            MessageWalk walk = new MessageWalk((type, first) -> seen.add(type + " " + first));
            int at = 0;
            while (at < bytes.length) {
                int count = Math.min(random.nextInt(1, longest + 1), bytes.length - at);
                ByteBuffer part = ByteBuffer.wrap(bytes, at, count);
                walk.walk(part);
                assertEquals(count, part.remaining(), "the buffer is left as it was");
                at += count;
            }
            assertEquals(expected, seen, "cut into at most " + longest);
            assertTrue(walk.atBoundary());
        }
    }

    @Test
    void skipsALargeMessageWithoutHoldingIt() {
        List<String> seen = new ArrayList<>();
        MessageWalk walk = new MessageWalk((type, first) -> seen.add(type + " " + first));
        ByteBuffer header = ByteBuffer.allocate(5).put((byte) 'D').putInt(Integer.MAX_VALUE).flip();
        walk.walk(header);
        ByteBuffer part = ByteBuffer.allocate(1 << 20);
        for (long left = Integer.MAX_VALUE - 4L; left > 0; left -= part.limit()) {
            part.clear().limit((int) Math.min(part.capacity(), left));
            assertFalse(walk.atBoundary());
            walk.walk(part);
        }
        assertTrue(walk.atBoundary());
        assertEquals(List.of("D 0"), seen);
    }

    @Test
    void givesUpQuietlyWhereALengthMakesNoSense() {
        MessageWalk walk = new MessageWalk((type, first) -> {});
        walk.walk(ByteBuffer.wrap(new byte[] {'D', 0, 0, 0, 3, 1, 2, 3, 4, 5, 6, 7, 8}));
        assertFalse(walk.atBoundary());
        Random random = new Random(3);
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = new byte[random.nextInt(200)];
            random.nextBytes(bytes);
            new MessageWalk((type, first) -> {}).walk(ByteBuffer.wrap(bytes));
        }
    }
}
