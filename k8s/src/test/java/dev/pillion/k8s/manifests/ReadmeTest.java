package dev.pillion.k8s.manifests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What the documents tell a reader to type is there. */
class ReadmeTest {

    private static final Path ROOT = Manifests.FOLDER.getParent();
    private static final Pattern APPLIED =
            Pattern.compile("kubectl (?:apply|delete|kustomize)(?: -k)? (k8s[\\w/.-]*)");

    @Test
    void everyFolderThatIsAppliedBuilds() throws IOException {
        Set<String> applied = new TreeSet<>();
        for (Path readme : readmes()) {
            APPLIED.matcher(Files.readString(readme))
                    .results()
                    .forEach(match -> applied.add(match.group(1)));
        }
        assertTrue(applied.size() >= 2, "only " + applied);
        List<String> problems = new ArrayList<>();
        for (String folder : applied) {
            Kubectl.Build build = Kubectl.all().getFirst().build(ROOT.resolve(folder).toString());
            if (!build.succeeded()) {
                problems.add(folder + ": " + build.complaint());
            }
        }
        assertEquals(List.of(), problems);
    }

    private static List<Path> readmes() throws IOException {
        List<Path> readmes = new ArrayList<>();
        for (Path folder : List.of(ROOT, Manifests.FOLDER)) {
            try (Stream<Path> files = Files.list(folder)) {
                files.filter(file -> file.toString().endsWith(".md")).forEach(readmes::add);
            }
        }
        return readmes;
    }
}
