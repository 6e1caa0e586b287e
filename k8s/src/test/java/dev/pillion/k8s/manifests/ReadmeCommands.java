package dev.pillion.k8s.manifests;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What the documents tell a reader to type. */
final class ReadmeCommands {

    private static final Path ROOT = Manifests.FOLDER.getParent();

    /** Programs of this project and those that act on its manifests. */
    private static final String PROGRAMS =
            "(?:kubectl|\\./up|k8s/build-images|mvn|java -jar|bench/)";

    private static final Pattern INLINE = Pattern.compile("`(" + PROGRAMS + "[^`\\n]*)`");
    private static final Pattern WHOLE_LINE =
            Pattern.compile("(?m)^(?:    |\\$ )?(" + PROGRAMS + ".*)$");

    private ReadmeCommands() {}

    /**
     * A line to type.
     *
     * @param readme where it is told
     * @param line without its comment
     */
    record Told(Path readme, String line) {

        List<String> words() {
            return List.of(line.split("\\s+", -1));
        }

        /** The value after an option, or "" without it. */
        String option(String name) {
            int at = words().indexOf(name);
            return at < 0 || at + 1 >= words().size() ? "" : words().get(at + 1);
        }

        @Override
        public String toString() {
            return ROOT.relativize(readme) + ": " + line;
        }
    }

    /** Every command of the documents that begins with one of these words. */
    static List<Told> of(String program) {
        List<Told> told = new ArrayList<>();
        for (Path readme : readmes()) {
            String text = Manifests.read(readme);
            Stream.concat(WHOLE_LINE.matcher(text).results(), INLINE.matcher(text).results())
                    .map(match -> match.group(1).replaceAll("\\s+#.*", "").strip())
                    .filter(line -> line.equals(program) || line.startsWith(program + " "))
                    .forEach(line -> told.add(new Told(readme, line)));
        }
        return told;
    }

    /** The fenced block of a language that holds some text. */
    static String block(Path readme, String language, String text) {
        return Pattern.compile("(?s)```" + language + "\\n(.*?)```")
                .matcher(Manifests.read(readme))
                .results()
                .map(match -> match.group(1))
                .filter(block -> block.contains(text))
                .findFirst()
                .orElseThrow();
    }

    /** Of the project and of each module. */
    private static List<Path> readmes() {
        try (Stream<Path> folders = Files.list(ROOT)) {
            return Stream.concat(Stream.of(ROOT), folders.filter(Files::isDirectory).sorted())
                    .map(folder -> folder.resolve("README.md"))
                    .filter(Files::exists)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
