package dev.pillion.legacy.logging;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

import java.time.ZonedDateTime;
import java.util.Optional;

class AccessLineTest {

    private static final ZonedDateTime RECEIVED = ZonedDateTime.parse("2000-10-10T13:55:36-07:00");

    /** The example of Apache's documentation, without its user: nobody logs in here. */
    @Test
    void isApachesCombinedFormat() {
        assertEquals(
                "127.0.0.1 - - [10/Oct/2000:13:55:36 -0700] \"GET /apache_pb.gif HTTP/1.0\" 200"
                        + " 2326 \"http://www.example.com/start.html\" \"Mozilla/4.08 [en]"
                        + " (Win98; I ;Nav)\"",
                new AccessLine(
                                "127.0.0.1",
                                RECEIVED,
                                "GET /apache_pb.gif HTTP/1.0",
                                200,
                                2326,
                                Optional.of("http://www.example.com/start.html"),
                                Optional.of("Mozilla/4.08 [en] (Win98; I ;Nav)"))
                        .text());
    }

    @Test
    void writesADashForWhatIsNotThere() {
        assertEquals(
                "::1 - - [10/Oct/2000:13:55:36 -0700] \"HEAD / HTTP/1.1\" 304 - \"-\" \"-\"",
                new AccessLine(
                                "::1",
                                RECEIVED,
                                "HEAD / HTTP/1.1",
                                304,
                                0,
                                Optional.empty(),
                                Optional.empty())
                        .text());
    }

    @Test
    void escapesAsModLogConfigDoes() {
        assertEquals(
                "a\\\"b\\\\c\\n\\t\\x1b[31m\\xc3\\xa9",
                AccessLine.escaped("a\"b\\c\n\t\u001b[31m\u00e9"));
    }
}
