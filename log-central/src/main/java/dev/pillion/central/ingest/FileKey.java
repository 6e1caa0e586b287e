package dev.pillion.central.ingest;

/**
 * What tells the files of all senders apart: the namespace that a resource names and its {@code
 * log.file.id}. Who may send for one namespace alone must not move what is known of a file of
 * another.
 */
public final class FileKey {

    /** In no namespace's name. */
    private static final char BETWEEN = '\0';

    private FileKey() {}

    /**
     * @param namespace may be empty
     */
    public static String of(String namespace, String id) {
        return namespace + BETWEEN + id;
    }

    /** The namespace of a key; empty if it has none. */
    public static String namespace(String key) {
        return key.substring(0, Math.max(key.indexOf(BETWEEN), 0));
    }

    /** The {@code log.file.id} of a key. */
    public static String id(String key) {
        return key.substring(key.indexOf(BETWEEN) + 1);
    }
}
