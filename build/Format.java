import com.google.googlejavaformat.java.Formatter;
import com.google.googlejavaformat.java.FormatterException;
import com.google.googlejavaformat.java.ImportOrderer;
import com.google.googlejavaformat.java.JavaFormatterOptions;
import com.google.googlejavaformat.java.JavaFormatterOptions.Style;
import com.google.googlejavaformat.java.RemoveUnusedImports;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Formats every Java file of the tree as google-java-format's AOSP style has it (4 spaces, 100
 * columns), or checks that it is so. Run by the build as a single source file, on the JDK the build
 * found, because the formatter parses with the JDK it runs on and Maven's own may be too old for
 * the sources.
 *
 * <p>Arguments: {@code check|apply} and the root folder. Exit code 1 if a check found a difference.
 */
public class Format {

    void main(String[] args) throws IOException {
        boolean apply = args[0].equals("apply");
        Path root = Path.of(args[1]);
        Formatter formatter =
                new Formatter(JavaFormatterOptions.builder().style(Style.AOSP).build());
        List<Path> wrong = new ArrayList<>();
        for (Path file : sources(root)) {
            String before = Files.readString(file);
            String after;
            try {
                String cleaned = RemoveUnusedImports.removeUnusedImports(before);
                after = formatter.formatSource(ImportOrderer.reorderImports(cleaned, Style.AOSP));
            } catch (FormatterException e) {
                System.err.println("not Java that can be parsed: " + file + ": " + e.getMessage());
                wrong.add(file);
                continue;
            }
            if (!after.equals(before)) {
                wrong.add(root.relativize(file));
                if (apply) {
                    Files.writeString(file, after);
                }
            }
        }
        if (apply) {
            System.out.println("formatted " + wrong.size() + " files");
        } else if (!wrong.isEmpty()) {
            wrong.forEach(file -> System.err.println("not formatted: " + file));
            System.err.println("mend it with: mvn -N -Pformat process-sources");
            System.exit(1);
        }
    }

    private static List<Path> sources(Path root) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            return files.filter(file -> file.toString().endsWith(".java"))
                    .filter(file -> !root.relativize(file).toString().contains("target/"))
                    .filter(file -> !root.relativize(file).toString().startsWith("."))
                    .sorted()
                    .toList();
        }
    }
}
