package dev.pillion.k8s.images;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.Attributes;
import java.util.jar.JarFile;

/** A service's bill of materials names what its jar's class path names, no more and no less. */
class BillOfMaterialsIT {

    private static final Path ROOT = Path.of("..");

    @ParameterizedTest
    @ValueSource(strings = {"legacy-app", "ambassador-proxy", "log-adapter", "log-central"})
    void namesEveryLibrary(String module) throws IOException {
        Path target = ROOT.resolve(module).resolve("target");
        File made = target.resolve("bom.json").toFile();
        assumeTrue(made.exists(), "mvn -o makes no bill of materials");
        JsonNode bom = new ObjectMapper().readTree(made);
        assertEquals("CycloneDX", bom.path("bomFormat").asText());
        assertEquals(module, bom.path("metadata").path("component").path("name").asText());
        Set<String> named = new TreeSet<>();
        for (JsonNode component : bom.path("components")) {
            named.add(
                    "libs/%s-%s.jar"
                            .formatted(
                                    component.path("name").asText(),
                                    component.path("version").asText()));
            assertTrue(
                    component.path("purl").asText().startsWith("pkg:maven/"), component.toString());
        }
        assertEquals(classPath(target.resolve(module + ".jar")), named);
    }

    private static Set<String> classPath(Path jar) throws IOException {
        try (JarFile file = new JarFile(jar.toFile())) {
            String path =
                    file.getManifest().getMainAttributes().getValue(Attributes.Name.CLASS_PATH);
            return new TreeSet<>(Set.of(path.split(" ")));
        }
    }
}
