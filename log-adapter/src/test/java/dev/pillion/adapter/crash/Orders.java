package dev.pillion.adapter.crash;

import java.io.IOException;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;

/** The numbered lines, every fiftieth with a stack trace, and what became of them. */
enum Orders {
    /** With a header, that parts the records. */
    LAYOUT("java.lang.IllegalStateException: broken\n"),
    /** Without one: records are lines, but for those of a stack trace. */
    PLAIN("");

    private static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss,SSS");
    private static final LocalDateTime BEGINNING = LocalDateTime.of(2026, 11, 22, 0, 0);

    private final String trace;

    Orders(String thrown) {
        trace =
                "\n"
                        + thrown
                        + "\tat shop.A.b(A.java:1)\nCaused by: java.io.IOException: pipe\n\t... 1 more";
    }

    /** How many of the lines came how. */
    record Verdict(int lost, int doubled, int outOfOrder, int torn) {
        boolean right() {
            return lost == 0 && doubled == 0 && outOfOrder == 0 && torn == 0;
        }

        @Override
        public String toString() {
            return "lost %d  doubled %d  out of order %d  torn %d"
                    .formatted(lost, doubled, outOfOrder, torn);
        }
    }

    /** What a line becomes. */
    String body(int number) {
        return "order " + number + (number % 50 == 0 ? trace : "");
    }

    String line(int number) {
        String header =
                switch (this) {
                    case LAYOUT ->
                            STAMP.format(BEGINNING.plusNanos(number * 1_000_000L))
                                    + " INFO  [main] shop.Orders - ";
                    case PLAIN -> "";
                };
        return header + body(number) + "\n";
    }

    /** Counts while it reads: five million lines are not kept. */
    Verdict judge(Receiver receiver, String service, int lines)
            throws IOException, InterruptedException {
        BitSet seen = new BitSet(lines);
        int[] counts = new int[3];
        Map<String, Receiver.Arrival> last = new HashMap<>();
        receiver.arrivals(
                service,
                arrival -> {
                    int number = number(arrival.body(), lines);
                    if (number < 0 || !arrival.body().equals(body(number))) {
                        counts[2]++;
                        return;
                    }
                    if (seen.get(number)) {
                        counts[0]++;
                    }
                    seen.set(number);
                    Receiver.Arrival before = last.put(arrival.fileId(), arrival);
                    if (before != null
                            && (before.order() > arrival.order()
                                    || before.position() > arrival.position()
                                    || number(before.body(), lines) > number)) {
                        counts[1]++;
                    }
                });
        return new Verdict(lines - seen.cardinality(), counts[0], counts[1], counts[2]);
    }

    private static int number(String body, int lines) {
        int end = 6;
        while (end < body.length() && Character.isDigit(body.charAt(end))) {
            end++;
        }
        if (!body.startsWith("order ") || end == 6 || end > 15) {
            return -1;
        }
        int number = Integer.parseInt(body.substring(6, end));
        return number < lines ? number : -1;
    }
}
