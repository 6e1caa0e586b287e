package dev.pillion.ambassador.settings;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/**
 * A directory with one file a key, as kubelet mounts ConfigMaps and Secrets: {@code ..data} is a
 * symbolic link to a folder with a timestamp for a name, replaced in one rename. Plain files
 * without {@code ..data} work too. Stateless; any thread may call it.
 */
public final class Mount {

    /** Kubernetes bounds a whole ConfigMap or Secret to 1 MiB; so no file of one is larger. */
    static final int MAX_FILE_BYTES = 1 << 20;

    private static final String DATA = "..data";
    private static final int SWAP_ATTEMPTS = 5;

    private final Path directory;

    /**
     * @param directory the mount; need not exist (yet), it is empty then
     */
    public Mount(Path directory) {
        this.directory = directory;
    }

    /** The mounted directory itself, for watching and for messages. */
    public Path directory() {
        return directory;
    }

    /**
     * All keys of one moment: through {@code ..data} the whole swap is seen or none of it.
     *
     * @return key to value, one trailing line break of each value removed; empty if the directory
     *     is not there
     * @throws IOException if a file cannot be read or is larger than 1 MiB; the message names it
     */
    public Map<String, String> read() throws IOException {
        for (int attempt = 1; ; attempt++) {
            try {
                return readOnce();
            } catch (NoSuchFileException swappedMeanwhile) {
                if (attempt == SWAP_ATTEMPTS) {
                    throw swappedMeanwhile;
                }
            }
        }
    }

    /**
     * Changes whenever what {@link #read} would return may have changed; cheap enough to ask every
     * second.
     */
    public String stamp() {
        try {
            Path data = directory.resolve(DATA);
            if (Files.isSymbolicLink(data)) {
                return DATA + " " + Files.readSymbolicLink(data);
            }
            StringBuilder stamp = new StringBuilder();
            try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
                for (Path file : files) {
                    stamp.append(file.getFileName())
                            .append(' ')
                            .append(Files.getLastModifiedTime(file))
                            .append(' ')
                            .append(Files.size(file))
                            .append('\n');
                }
            }
            return stamp.toString();
        } catch (IOException absentOrSwapping) {
            return "unreadable: " + absentOrSwapping;
        }
    }

    private Map<String, String> readOnce() throws IOException {
        Map<String, String> values = new TreeMap<>();
        Path data = directory.resolve(DATA);
        Path folder = Files.exists(data) ? data.toRealPath() : directory;
        if (!Files.isDirectory(folder)) {
            return values;
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                String key = file.getFileName().toString();
                if (!key.startsWith(".") && Files.isRegularFile(file)) {
                    values.put(key, value(file));
                }
            }
        } catch (NotDirectoryException gone) {
            throw new NoSuchFileException(folder.toString());
        }
        return values;
    }

    private static String value(Path file) throws IOException {
        if (Files.size(file) > MAX_FILE_BYTES) {
            throw new IOException(
                    file + ": larger than " + MAX_FILE_BYTES + " bytes; a key's value is smaller");
        }
        String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        if (text.endsWith("\r\n")) {
            return text.substring(0, text.length() - 2);
        }
        return text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
    }
}
