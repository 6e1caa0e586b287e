package dev.pillion.adapter.tail;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.regex.Pattern;

/**
 * A compressed file in the folders, as the listing found it: not opened.
 *
 * @param path where it is now
 * @param attributes as they were at the listing
 */
record Archive(Path path, BasicFileAttributes attributes) {

    private static final Pattern DIGITS = Pattern.compile("[0-9]+");

    /** The same file with the same bytes, whatever it is called now. */
    record Version(Object fileKey, long size, FileTime modified) {}

    static Archive at(Path path) throws IOException {
        return new Archive(path, Files.readAttributes(path, BasicFileAttributes.class));
    }

    Version version() {
        return new Version(attributes.fileKey(), attributes.size(), attributes.lastModifiedTime());
    }

    FileTime modified() {
        return attributes.lastModifiedTime();
    }

    /** Rotated after the other, of the same file: their paths differ in numbers and dates alone. */
    boolean follows(Archive other) {
        return modified().compareTo(other.modified()) > 0 && family().equals(other.family());
    }

    private String family() {
        return DIGITS.matcher(path.toString()).replaceAll("");
    }
}
