package dev.pillion.k8s.manifests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pillion.ambassador.routes.RouteTableParser;
import dev.pillion.launcher.pods.Rendering;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvFromSource;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.HTTPGetAction;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.Secret;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What manifests say about a module is so in the module. */
class ModuleContractTest {

    private static final Path ROOT = Manifests.FOLDER.getParent();
    private static final Pattern IMAGE = Pattern.compile("(?:.*/)?pillion/([a-z-]+):([^@]+)(@.*)?");
    private static final Pattern SETTING = Pattern.compile("(?m)^\\| `([a-z-]+\\.[a-z.-]+)` ");

    /** Helidon's own; not in the modules' tables where their default is right. */
    private static final Set<String> SERVER = Set.of("SERVER_PORT", "SERVER_HOST");

    @Test
    void everyImageIsOneThatIsBuiltHereInThisVersion() throws IOException {
        String version =
                Pattern.compile("<version>([^<]+)</version>")
                        .matcher(Files.readString(ROOT.resolve("pom.xml")))
                        .results()
                        .findFirst()
                        .orElseThrow()
                        .group(1);
        for (Manifests.Placed placed : ours()) {
            Matcher image = IMAGE.matcher(placed.container().getImage());
            assertTrue(image.matches(), placed + ": " + placed.container().getImage());
            // A module's image has its own options; how it is made is the same for all.
            Path made = Manifests.FOLDER.resolve("images").resolve(image.group(1));
            assertTrue(
                    Files.exists(made.resolve("Containerfile"))
                            || Files.exists(made.resolve("options")),
                    placed.toString());
            assertEquals(version, image.group(2), placed.toString());
        }
    }

    @Test
    void probesAskThePortAndThePathsOfTheModule() {
        for (Manifests.Placed placed : ours()) {
            Container container = placed.container();
            if (!isModule(placed)) {
                continue;
            }
            int port = container.getPorts().getFirst().getContainerPort();
            Map<String, String> environment = environment(placed);
            assertEquals(
                    environment.getOrDefault("SERVER_PORT", builtIn(placed, "server.port")),
                    Integer.toString(port),
                    placed.toString());
            assertProbe(placed, container.getStartupProbe(), "/health/started");
            assertProbe(placed, container.getReadinessProbe(), "/health/ready");
            assertProbe(placed, container.getLivenessProbe(), "/health/live");
        }
    }

    private static void assertProbe(Manifests.Placed placed, Probe probe, String path) {
        assertFalse(probe == null, placed + " has no probe of " + path);
        HTTPGetAction get = probe.getHttpGet();
        assertEquals(path, get.getPath(), placed.toString());
        assertEquals(
                placed.container().getPorts().getFirst().getName(),
                get.getPort().getStrVal(),
                placed.toString());
    }

    @Test
    void everyEnvironmentVariableIsASettingOfTheModule() {
        List<String> unknown = new ArrayList<>();
        for (Manifests.Placed placed : ours()) {
            if (!isModule(placed)) {
                continue;
            }
            String readme = Manifests.read(ROOT.resolve(module(placed)).resolve("README.md"));
            Set<String> known = new HashSet<>(SERVER);
            SETTING.matcher(readme).results().forEach(m -> known.add(variable(m.group(1))));
            for (String name : environment(placed).keySet()) {
                if (!known.contains(name) && !readme.contains("`" + name + "`")) {
                    unknown.add(placed + ": " + name);
                }
            }
        }
        assertEquals(List.of(), unknown);
    }

    /** MicroProfile Config 3.1, "Environment Variables Mapping Rules". */
    private static String variable(String key) {
        return key.replaceAll("[^A-Za-z0-9]", "_").toUpperCase(Locale.ROOT);
    }

    @Test
    void foldersAreMountedWhereTheModulesLook() {
        for (Manifests.Placed placed : ours()) {
            List<String> mounted =
                    placed.container().getVolumeMounts().stream()
                            .map(mount -> mount.getMountPath())
                            .toList();
            List<String> wanted =
                    switch (module(placed)) {
                        case "ambassador-proxy" ->
                                List.of("/etc/ambassador/routes", "/etc/ambassador/secrets");
                        case "log-adapter" -> List.of("/var/log/app", "/var/lib/log-adapter");
                        case "log-central" -> List.of("/var/lib/log-central");
                        case "legacy-app" -> List.of("/var/log/app");
                        default -> List.of();
                    };
            assertTrue(mounted.containsAll(wanted), placed + " mounts only " + mounted);
        }
    }

    @Test
    void theRoutesOfEveryConfigMapAreUnderstood() {
        List<String> mistakes = new ArrayList<>();
        int tables = 0;
        for (String folder : Manifests.kustomizations()) {
            for (ConfigMap map : Manifests.of(ConfigMap.class, Manifests.built(folder))) {
                if (!map.getMetadata().getName().startsWith("ambassador-routes")) {
                    continue;
                }
                tables++;
                RouteTableParser.parse(withCredentials(folder, map), "/etc/ambassador/secrets")
                        .mistakes()
                        .forEach(mistake -> mistakes.add(folder + ": " + mistake.line()));
            }
        }
        assertEquals(List.of(), mistakes);
        assertTrue(tables >= 5, "only " + tables + " tables of routes were found");
    }

    /** Where a build names a Secret that others make, its credentials stand in. */
    private static Map<String, String> withCredentials(String folder, ConfigMap map) {
        Map<String, String> keys = new TreeMap<>(map.getData());
        List<Secret> secrets =
                Manifests.of(Secret.class, Manifests.built(folder)).stream()
                        .filter(s -> s.getMetadata().getName().equals("ambassador-credentials"))
                        .toList();
        if (!secrets.isEmpty()) {
            keys.putAll(Rendering.plain(secrets.getFirst()));
            return keys;
        }
        map.getData()
                .forEach(
                        (key, value) -> {
                            if (key.endsWith(".protocol") && value.equals("postgres")) {
                                String route = key.substring(0, key.lastIndexOf('.'));
                                keys.put(route + ".user", "somebody");
                                keys.put(route + ".password", "something");
                            }
                        });
        return keys;
    }

    private static List<Manifests.Placed> ours() {
        return Manifests.kustomizations().stream()
                .flatMap(folder -> Manifests.containers(folder).stream())
                .filter(Manifests.Placed::ours)
                .toList();
    }

    private static String module(Manifests.Placed placed) {
        Matcher image = IMAGE.matcher(placed.container().getImage());
        assertTrue(image.matches(), placed.toString());
        return image.group(1);
    }

    private static boolean isModule(Manifests.Placed placed) {
        return Files.exists(ROOT.resolve(module(placed)).resolve("pom.xml"));
    }

    private static String builtIn(Manifests.Placed placed, String key) {
        Properties properties = new Properties();
        try {
            properties.load(
                    new StringReader(
                            Files.readString(
                                    ROOT.resolve(module(placed))
                                            .resolve(
                                                    "src/main/resources/META-INF/microprofile-config.properties"))));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return properties.getProperty(key);
    }

    private static Map<String, String> environment(Manifests.Placed placed) {
        Map<String, String> environment = new LinkedHashMap<>();
        for (EnvFromSource source : placed.container().getEnvFrom()) {
            Manifests.of(ConfigMap.class, Manifests.built(placed.folder())).stream()
                    .filter(
                            map ->
                                    map.getMetadata()
                                            .getName()
                                            .equals(source.getConfigMapRef().getName()))
                    .forEach(map -> environment.putAll(map.getData()));
        }
        for (EnvVar variable : placed.container().getEnv()) {
            environment.put(
                    variable.getName(), variable.getValue() == null ? "" : variable.getValue());
        }
        return environment;
    }
}
