package dev.pillion.ambassador.postgres;

import java.nio.ByteBuffer;

/**
 * Walks one direction of a session from message header to message header, over any number of
 * buffers: a byte of type, four of length, the rest is skipped. Holds five bytes, whatever passes.
 */
final class MessageWalk {

    private static final int HEADER_BYTES = 5;

    /** Called for every message when its header is complete. */
    interface Listener {
        /**
         * @param type of the message
         * @param firstByte of its body: a ReadyForQuery's status; -1 if the body is empty
         */
        void message(char type, int firstByte);
    }

    private final Listener listener;
    private int headerBytes;
    private char type;
    private int length;
    private long bodyLeft;
    private boolean firstOfBody;
    private boolean lost;

    MessageWalk(Listener listener) {
        this.listener = listener;
    }

    /** Whether the next byte begins a message. False for ever once a length made no sense. */
    boolean atBoundary() {
        return !lost && headerBytes == 0 && bodyLeft == 0;
    }

    /** Looks at all of the buffer and leaves it as it is. */
    void walk(ByteBuffer bytes) {
        int at = bytes.position();
        int limit = bytes.limit();
        while (at < limit && !lost) {
            if (bodyLeft > 0) {
                if (firstOfBody) {
                    firstOfBody = false;
                    listener.message(type, bytes.get(at) & 0xff);
                }
                int skip = (int) Math.min(bodyLeft, limit - at);
                at += skip;
                bodyLeft -= skip;
            } else if (headerBytes == 0 && limit - at >= HEADER_BYTES) {
                type = (char) (bytes.get(at) & 0xff);
                length = bytes.getInt(at + 1);
                at += HEADER_BYTES;
                header();
            } else {
                int next = bytes.get(at++) & 0xff;
                if (headerBytes == 0) {
                    type = (char) next;
                    length = 0;
                } else {
                    length = length << 8 | next;
                }
                if (++headerBytes == HEADER_BYTES) {
                    headerBytes = 0;
                    header();
                }
            }
        }
    }

    private void header() {
        if (length < 4) {
            // Not PostgreSQL any more; the server will say so. We only stop to understand.
            lost = true;
            return;
        }
        bodyLeft = length - 4L;
        firstOfBody = bodyLeft > 0;
        if (!firstOfBody) {
            listener.message(type, -1);
        }
    }
}
