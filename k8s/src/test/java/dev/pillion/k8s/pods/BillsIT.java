package dev.pillion.k8s.pods;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import dev.pillion.launcher.pods.Podman;

import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** An image tells what it is made of below its service. */
class BillsIT {

    @TempDir Path folder;

    @ParameterizedTest
    @CsvSource({
        "log-adapter, base java-base, libc6 java.base jdk.zipfs",
        "partner, base java-base, libc6 java.base",
        "busybox, base busybox, libc6 busybox-static",
        "orders-db, base busybox orders-db, libc6 busybox-static postgresql libstdc++6 libgcc-s1"
    })
    void namesWhatEachLayerBrings(String image, String layers, String some) throws Exception {
        Optional<String> missing = Podman.missing();
        assumeTrue(missing.isEmpty(), () -> missing.get());
        Images.build();
        Set<String> bills = new TreeSet<>();
        Set<String> names = new TreeSet<>();
        for (Path file : bills(image)) {
            JsonNode bill = new ObjectMapper().readTree(file.toFile());
            assertEquals("CycloneDX", bill.path("bomFormat").asText());
            bills.add(file.getFileName().toString().replace(".cdx.json", ""));
            for (JsonNode component : bill.path("components")) {
                names.add(component.path("name").asText());
                assertTrue(
                        component.path("version").asText().matches("(1:)?\\d.*"),
                        component.toString());
                assertTrue(component.path("purl").asText().startsWith("pkg:"), names.toString());
                assertLicensed(component);
            }
        }
        assertEquals(new TreeSet<>(List.of(layers.split(" "))), bills);
        assertTrue(names.containsAll(List.of(some.split(" "))), names.toString());
    }

    /** Debian's packages bring their copyright file, the JDK and PostgreSQL SPDX's name. */
    private static void assertLicensed(JsonNode component) {
        assertEquals(1, component.path("licenses").size(), component.toString());
        JsonNode one = component.path("licenses").get(0);
        String purl = component.path("purl").asText();
        if (purl.startsWith("pkg:generic/openjdk@")) {
            assertEquals(
                    "GPL-2.0-only WITH Classpath-exception-2.0", one.path("expression").asText());
        } else if (purl.startsWith("pkg:maven/io.zonky.test.postgres/")) {
            assertEquals("PostgreSQL", one.path("license").path("id").asText());
        } else {
            String text =
                    new String(
                            Base64.getDecoder()
                                    .decode(
                                            one.path("license")
                                                    .path("text")
                                                    .path("content")
                                                    .asText()),
                            StandardCharsets.UTF_8);
            assertTrue(text.contains("/usr/share/common-licenses/"), purl + ": " + text);
        }
    }

    /** An application's licence, as OCI's labels tell it, is not that of what it stands on. */
    @ParameterizedTest
    @CsvSource({
        "ambassador-proxy, Apache-2.0",
        "partner, Apache-2.0",
        "busybox, GPL-2.0-only",
        "orders-db, PostgreSQL"
    })
    void hasALabelForWhatItIs(String image, String licence) throws Exception {
        Optional<String> missing = Podman.missing();
        assumeTrue(missing.isEmpty(), () -> missing.get());
        Images.build();
        JsonNode labels =
                new ObjectMapper()
                        .readTree(
                                podman(
                                        "image",
                                        "inspect",
                                        "-f",
                                        "{{json .Config.Labels}}",
                                        "docker.io/pillion/" + image + ":0.1.0"));
        String prefix = "org.opencontainers.image.";
        assertEquals(image, labels.path(prefix + "title").asText());
        assertEquals("0.1.0", labels.path(prefix + "version").asText());
        assertEquals(licence, labels.path(prefix + "licenses").asText());
        assertTrue(labels.path(prefix + "description").asText().endsWith("."), labels.toString());
        assertEquals(run("git", "rev-parse", "HEAD"), labels.path(prefix + "revision").asText());
    }

    private List<Path> bills(String image) throws IOException, InterruptedException {
        String container = podman("create", "docker.io/pillion/" + image + ":0.1.0", "none");
        try {
            podman("cp", container + ":/usr/share/sbom", folder.toString());
        } finally {
            podman("rm", container);
        }
        try (Stream<Path> files = Files.list(folder.resolve("sbom"))) {
            return files.toList();
        }
    }

    private static String podman(String... arguments) throws IOException, InterruptedException {
        return run(Stream.concat(Stream.of("podman"), Stream.of(arguments)).toArray(String[]::new));
    }

    /** Its last line. */
    private static String run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), said);
        return said.strip().lines().reduce("", (before, line) -> line);
    }
}
