package dev.pillion.adapter.tail;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * When files were made, where the file system tells it. Java gives the time of the last change
 * where it does not (JDK, {@code UnixFileAttributes.creationTime}); so a file system is believed
 * once a file or folder on it has two different times. Used by the scan thread alone.
 */
final class BirthTimes {

    private final Set<String> telling = new HashSet<>();

    /**
     * Who a file is as far as the file system can tell.
     *
     * @return device and inode, and behind an {@code @} the nanoseconds of its birth if known
     */
    String key(Path path, BasicFileAttributes attributes) {
        String key = String.valueOf(attributes.fileKey());
        return tells(path, attributes)
                ? key + "@" + attributes.creationTime().to(TimeUnit.NANOSECONDS)
                : key;
    }

    /** Whether two keys can be of the same file: one may have been made without a birth time. */
    static boolean same(String one, String other) {
        int end = one.indexOf('@');
        int otherEnd = other.indexOf('@');
        return (end >= 0 && otherEnd >= 0)
                ? one.equals(other)
                : stem(one, end).equals(stem(other, otherEnd));
    }

    private static String stem(String key, int end) {
        return end < 0 ? key : key.substring(0, end);
    }

    private boolean tells(Path path, BasicFileAttributes attributes) {
        String device = device(attributes);
        if (telling.contains(device)) {
            return true;
        }
        Path at = path.toAbsolutePath();
        BasicFileAttributes seen = attributes;
        while (at != null && device(seen).equals(device)) {
            if (!seen.creationTime().equals(seen.lastModifiedTime())) {
                telling.add(device);
                return true;
            }
            at = at.getParent();
            try {
                seen = at == null ? seen : Files.readAttributes(at, BasicFileAttributes.class);
            } catch (IOException e) {
                return false;
            }
        }
        return false;
    }

    /** Of a key {@code (dev=fe00,ino=2245674)} the device. */
    private static String device(BasicFileAttributes attributes) {
        String key = String.valueOf(attributes.fileKey());
        int comma = key.indexOf(',');
        return comma < 0 ? key : key.substring(0, comma);
    }
}
