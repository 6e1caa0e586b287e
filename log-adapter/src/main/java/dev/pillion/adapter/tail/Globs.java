package dev.pillion.adapter.tail;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * Finds the files that the include globs name and the exclude globs do not. A glob's folders may
 * hold wildcards too ({@code /var/log/*\/*.log}); {@code **} walks any depth. An exclude glob
 * without a slash is matched against the file's name alone. Symbolic links are followed.
 */
public final class Globs {

    private static final int DEPTH_LIMIT = 16;

    private final List<Path> bases = new ArrayList<>();
    private final List<Integer> depths = new ArrayList<>();
    private final List<PathMatcher> includes = new ArrayList<>();
    private final List<PathMatcher> excludedNames = new ArrayList<>();
    private final List<PathMatcher> excludedPaths = new ArrayList<>();

    public Globs(List<String> include, List<String> exclude) {
        for (String glob : include) {
            String[] parts = glob.split("/", -1);
            Path base = Path.of("/");
            int i = 0;
            while (i < parts.length - 1 && !wild(parts[i])) {
                base = base.resolve(parts[i]);
                i++;
            }
            bases.add(base);
            depths.add(glob.contains("**") ? DEPTH_LIMIT : parts.length - i);
            includes.add(FileSystems.getDefault().getPathMatcher("glob:" + glob));
        }
        for (String glob : exclude) {
            (glob.contains("/") ? excludedPaths : excludedNames)
                    .add(FileSystems.getDefault().getPathMatcher("glob:" + glob));
        }
    }

    private static boolean wild(String part) {
        return part.chars().anyMatch(c -> c == '*' || c == '?' || c == '[' || c == '{');
    }

    /** The files there are now, sorted. A folder that is not there has none. */
    public List<Path> list(int limit) {
        return list(limit, Set.of());
    }

    /**
     * @param limit of others than those known
     * @param known are found however many there are
     */
    List<Path> list(int limit, Set<Path> known) {
        return list(limit, known, this::names);
    }

    /** Compressed files whose names, without {@code .gz}, are among those named; sorted. */
    List<Path> archives(int limit) {
        return list(
                limit,
                Set.of(),
                path -> {
                    String name = path.getFileName().toString();
                    return name.endsWith(".gz")
                            && names(path.resolveSibling(name.substring(0, name.length() - 3)));
                });
    }

    private List<Path> list(int limit, Set<Path> known, Predicate<Path> wanted) {
        TreeSet<Path> found = new TreeSet<>();
        for (int i = 0; i < bases.size(); i++) {
            walk(bases.get(i), depths.get(i), wanted, new ArrayDeque<>(), found, limit, known);
        }
        return List.copyOf(found);
    }

    /**
     * @param above the folders that led here, by device and inode: a link back to one is a loop
     */
    private static void walk(
            Path folder,
            int depth,
            Predicate<Path> wanted,
            Deque<Object> above,
            Set<Path> found,
            int limit,
            Set<Path> known) {
        try {
            Object key = Files.readAttributes(folder, BasicFileAttributes.class).fileKey();
            if (above.contains(String.valueOf(key))) {
                return;
            }
            above.push(String.valueOf(key));
        } catch (IOException e) {
            return;
        }
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
            for (Path entry : entries) {
                if (found.size() >= limit && known.isEmpty()) {
                    break;
                }
                if (depth > 1 && Files.isDirectory(entry)) {
                    walk(entry, depth - 1, wanted, above, found, limit, known);
                } else if ((found.size() < limit || known.contains(entry)) && wanted.test(entry)) {
                    found.add(entry);
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            // Not there, or not ours to read: nothing of it can be shipped now.
        }
        above.pop();
    }

    /** Whether a file at this path is one of those named. */
    public boolean names(Path path) {
        return includes.stream().anyMatch(m -> m.matches(path)) && !excluded(path);
    }

    private boolean excluded(Path path) {
        Path name = path.getFileName();
        return excludedNames.stream().anyMatch(m -> m.matches(name))
                || excludedPaths.stream().anyMatch(m -> m.matches(path));
    }

    /** Whether a file is within the folders, wherever links lead. */
    boolean confines(Path path) {
        try {
            Path real = path.toRealPath();
            for (Path base : bases) {
                if (real.startsWith(base.toRealPath())) {
                    return true;
                }
            }
        } catch (IOException e) {
            // It, or a folder, is not there.
        }
        return false;
    }

    /** The folders that globs begin at. */
    List<Path> folders() {
        return List.copyOf(bases);
    }
}
