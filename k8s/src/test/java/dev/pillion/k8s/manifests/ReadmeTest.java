package dev.pillion.k8s.manifests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pillion.k8s.manifests.ReadmeCommands.Told;
import dev.pillion.launcher.pods.Rendering;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Service;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What the documents tell a reader to type is there. */
class ReadmeTest {

    private static final Path ROOT = Manifests.FOLDER.getParent();
    private static final Path README = Manifests.FOLDER.resolve("README.md");
    private static final Pattern OPTION = Pattern.compile("--[a-z-]+");

    /** The namespace that a command with {@code -n pillion} looks into. */
    private static final String SUITE = "overlays/local";

    private static final List<String> PATTERNS =
            List.of("patterns/sidecar", "patterns/ambassador", "patterns/adapter");

    private final List<String> problems = new ArrayList<>();

    @Test
    void everyFolderThatIsAppliedBuilds() {
        List<Told> commands =
                ReadmeCommands.of("kubectl").stream()
                        .filter(told -> told.words().contains("-k"))
                        .toList();
        assertTrue(commands.size() >= 6, "only " + commands);
        for (Told command : commands) {
            Kubectl.Build build =
                    Kubectl.all().getFirst().build(ROOT.resolve(command.option("-k")).toString());
            check(build.succeeded(), command + ": " + build.complaint());
        }
        assertNoProblems();
    }

    @Test
    void everyObjectThatIsLookedAtIsThere() {
        for (Told command : ReadmeCommands.of("kubectl")) {
            List<HasMetadata> objects =
                    (command.words().contains("pillion") ? Stream.of(SUITE) : PATTERNS.stream())
                            .flatMap(folder -> Manifests.built(folder).stream())
                            .toList();
            List<String> words = command.words();
            if (words.contains("port-forward")) {
                List<String> place = words.subList(words.indexOf("port-forward") + 1, words.size());
                int port = Integer.parseInt(place.get(1).replaceAll(".*:", ""));
                check(ports(place.getFirst(), objects).contains(port), command + ": no port");
            } else if (words.contains("configmap")) {
                check(names(ConfigMap.class, objects).contains(words.getLast()), "" + command);
            } else if (words.contains("exec") || words.contains("logs")) {
                int verb = Math.max(words.indexOf("exec"), words.indexOf("logs"));
                check(
                        containers(words.get(verb + 1), objects).stream()
                                .anyMatch(c -> c.getName().equals(command.option("-c"))),
                        "" + command);
            }
        }
        assertNoProblems();
    }

    /** As {@code kubectl port-forward} takes them: {@code svc/x}, {@code pod/x}, and so on. */
    private static List<Integer> ports(String place, List<HasMetadata> objects) {
        String name = place.replaceAll(".*/", "");
        if (place.startsWith("svc/")) {
            return objects.stream()
                    .filter(Service.class::isInstance)
                    .map(Service.class::cast)
                    .filter(service -> service.getMetadata().getName().equals(name))
                    .flatMap(service -> service.getSpec().getPorts().stream())
                    .map(port -> port.getPort())
                    .toList();
        }
        return containers(name, objects).stream()
                .flatMap(container -> container.getPorts().stream())
                .map(ContainerPort::getContainerPort)
                .toList();
    }

    private static List<Container> containers(String workload, List<HasMetadata> objects) {
        return objects.stream()
                .filter(object -> object.getMetadata().getName().equals(workload))
                .flatMap(object -> Rendering.podOf(object).stream())
                .flatMap(pod -> Manifests.containersOf(pod).stream())
                .toList();
    }

    private static List<String> names(
            Class<? extends HasMetadata> type, List<HasMetadata> objects) {
        return Manifests.of(type, objects).stream()
                .map(object -> object.getMetadata().getName())
                .toList();
    }

    @Test
    void everyOptionOfTheScriptsIsInTheirHelp() throws Exception {
        // What ./up prints itself needs a built launcher; its text is in one place.
        String up =
                Manifests.read(ROOT.resolve("launcher/src/main/java/dev/pillion/launcher/Up.java"));
        checkOptions(ReadmeCommands.of("./up"), up);
        checkOptions(ReadmeCommands.of("k8s/build-images"), help("k8s/build-images"));
        assertNoProblems();
    }

    private void checkOptions(List<Told> commands, String help) {
        assertTrue(!commands.isEmpty());
        for (Told command : commands) {
            OPTION.matcher(command.line())
                    .results()
                    .map(match -> match.group())
                    .forEach(option -> check(help.contains(option), command + ": " + option));
        }
    }

    private static String help(String script) throws Exception {
        Process process =
                new ProcessBuilder(ROOT.resolve(script).toString(), "--help")
                        .redirectErrorStream(true)
                        .start();
        String help = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), help);
        return help;
    }

    @Test
    void everyModuleThatIsBuiltAndEveryJarThatIsStartedIsOfThisProject() {
        for (Told command : ReadmeCommands.of("mvn")) {
            for (String module : command.option("-pl").split(",", -1)) {
                check(Files.exists(ROOT.resolve(module).resolve("pom.xml")), "" + command);
            }
        }
        for (Told command : ReadmeCommands.of("java -jar")) {
            String module = command.words().get(2).replaceAll("(?:.*/)?([a-z-]+)\\.jar", "$1");
            check(Files.exists(ROOT.resolve(module).resolve("pom.xml")), "" + command);
        }
        assertNoProblems();
    }

    /** The kustomization that a reader copies, from a clone as a reader's kubectl makes it. */
    @Test
    void theThreeLinesForSomebodyElsesAppSeatTheHelpers(@TempDir Path temporary) throws Exception {
        Path repository = Repository.of(temporary.resolve("pillion"));
        Path mine = Files.createDirectory(temporary.resolve("mine"));
        Files.copy(
                Manifests.FOLDER.resolve("tests/deployment/deployment.yaml"),
                mine.resolve("deployment.yaml"));
        Set<String> before = lines(mine, "resources: [deployment.yaml]");
        Set<String> after =
                lines(
                        mine,
                        ReadmeCommands.block(README, "yaml", "components:")
                                .replace("https://github.com/ORG/pillion", "file://" + repository)
                                .replaceAll("\\?ref=v[0-9.]+", "?ref=HEAD"));
        for (String line : ReadmeCommands.block(README, "diff", "containers:").lines().toList()) {
            String text = text(line.substring(1));
            check(after.contains(text), "not there after: " + line);
            check(line.startsWith("+") || before.contains(text), "not there before: " + line);
        }
        assertNoProblems();
    }

    private static Set<String> lines(Path folder, String kustomization) throws IOException {
        Files.writeString(folder.resolve("kustomization.yaml"), kustomization);
        Kubectl.Build build = Kubectl.all().getLast().build(folder.toString());
        assertTrue(build.succeeded(), build.complaint());
        return build.yaml().lines().map(ReadmeTest::text).collect(Collectors.toSet());
    }

    /** Without indentation, and whether it begins an item of a list: a patch moves those. */
    private static String text(String line) {
        return line.strip().replaceAll("^- ", "");
    }

    private void check(boolean holds, String problem) {
        if (!holds) {
            problems.add(problem);
        }
    }

    private void assertNoProblems() {
        assertEquals(List.of(), problems);
    }
}
