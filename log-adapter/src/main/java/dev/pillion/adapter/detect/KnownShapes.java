package dev.pillion.adapter.detect;

import java.util.List;
import java.util.Optional;

/**
 * Headers that columns alone do not tell: syslog's tag, and java.util.logging's second line. Asked
 * by {@link Inference} before it walks. Thread-safe: no state.
 */
final class KnownShapes {

    private KnownShapes() {}

    /** Stamp, host, {@code name[pid]:}. */
    static Optional<Layout> syslog(StampFormat format, HeaderLines headers) {
        boolean yearless = !format.ops().contains("Y") && !format.ops().contains("y");
        int tagged = 0;
        int withPid = 0;
        int atStart = 0;
        Header header = new Header();
        Layout.Separator blank = new Layout.Separator("", true, false);
        for (int i = 0; i < headers.count; i++) {
            if (headers.stampFrom[i] != headers.at[i]) {
                continue;
            }
            atStart++;
            int host = Layout.skip(blank, headers.bytes, headers.stampTo[i], headers.end[i]);
            if (host < 0) {
                continue;
            }
            int hostEnd = Layout.tokenEnd(null, headers.bytes, host, headers.end[i]);
            if (hostEnd < 0
                    || hostEnd >= headers.end[i]
                    || !hostName(headers.bytes, host, hostEnd)) {
                continue;
            }
            int tag = Layout.skip(blank, headers.bytes, hostEnd, headers.end[i]);
            header.clear();
            if (tag > 0 && Layout.tag(headers.bytes, tag, headers.end[i], header) > 0) {
                tagged++;
                withPid += header.has(Role.PID) ? 1 : 0;
            }
        }
        boolean fits =
                (format.ops().startsWith("N d") && yearless)
                        ? tagged >= 0.6 * headers.count
                        : tagged >= 0.8 * headers.count && withPid >= 0.4 * headers.count;
        if (!fits || atStart < 0.8 * headers.count) {
            return Optional.empty();
        }
        return Optional.of(
                new Layout(
                        List.of(
                                new Layout.Time(format),
                                blank,
                                new Layout.Field(Role.HOST, (char) 0),
                                blank,
                                new Layout.Tag())));
    }

    private static boolean hostName(byte[] bytes, int from, int to) {
        for (int i = from; i < to; i++) {
            byte b = bytes[i];
            if (!StampFormat.letter(b)
                    && !StampFormat.digit(b)
                    && b != '-'
                    && b != '.'
                    && b != '_'
                    && b != ':'
                    && b != '@'
                    && b != '/') {
                return false;
            }
        }
        return to > from;
    }

    /** java.util.logging's SimpleFormatter: stamp, class, method; then level and message. */
    static Optional<Layout> twoLines(
            StampFormat format,
            List<MainStamp.Found> headers,
            byte[] bytes,
            int[] starts,
            int[] ends,
            int lines) {
        int fits = 0;
        int possible = 0;
        for (MainStamp.Found found : headers) {
            int next = found.line() + 1;
            if (next >= lines || found.from() != starts[found.line()]) {
                continue;
            }
            possible++;
            int colon = starts[next];
            while (colon < ends[next] && bytes[colon] != ':' && colon - starts[next] < 16) {
                colon++;
            }
            if (colon < ends[next]
                    && bytes[colon] == ':'
                    && Severity.ofWord(bytes, starts[next], colon) > 0) {
                fits++;
            }
        }
        if (possible == 0 || fits < 0.8 * possible) {
            return Optional.empty();
        }
        Layout.Separator blank = new Layout.Separator("", true, false);
        return Optional.of(
                new Layout(
                        List.of(
                                new Layout.Time(format),
                                blank,
                                new Layout.Field(Role.LOGGER, (char) 0),
                                new Layout.NextLine(),
                                new Layout.Field(Role.LEVEL, (char) 0),
                                new Layout.Separator(":", false, false))));
    }
}
