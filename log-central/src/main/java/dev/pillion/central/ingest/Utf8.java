package dev.pillion.central.ingest;

/** Checks text as RFC 3629 section 4 defines UTF-8: no overlong forms, no surrogates. */
final class Utf8 {

    private Utf8() {}

    /**
     * @return the offset of the first byte that is not UTF-8, counted from {@code start}, or -1
     */
    static int firstWrong(byte[] bytes, int start, int length) {
        int end = start + length;
        int i = start;
        while (end - i >= 8) {
            if (((long) Longs.LITTLE.get(bytes, i) & 0x8080808080808080L) != 0) {
                break;
            }
            i += 8;
        }
        while (i < end) {
            int b = bytes[i];
            if (b >= 0) {
                i++;
                continue;
            }
            int lead = b & 0xFF;
            int more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : 1;
            if (lead < 0xC2 || lead > 0xF4 || i + more >= end) {
                return i - start;
            }
            int second = bytes[i + 1] & 0xFF;
            int low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
            int high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
            if (second < low || second > high) {
                return i - start;
            }
            for (int k = 2; k <= more; k++) {
                if ((bytes[i + k] & 0xC0) != 0x80) {
                    return i - start;
                }
            }
            i += more + 1;
        }
        return -1;
    }
}
