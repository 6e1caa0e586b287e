package dev.pillion.k8s.images;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pillion.k8s.manifests.Manifests;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.zip.ZipEntry;

/** A service and its libraries, packed as the image has them. */
class OneJarTest {

    private static final String SERVICES = "META-INF/services/java.lang.Runnable";

    @TempDir Path folder;

    @Test
    void holdsWhatTheLibrariesHold() throws Exception {
        write("libs/a.jar", Map.of(SERVICES, "a.One", "META-INF/LICENSE", "free", "a", "1"));
        write("libs/b.jar", Map.of(SERVICES, "b.Two\n", "META-INF/LICENSE", "freer", "b", "2"));
        service(Map.of(SERVICES, "own.Zero\n"));
        assertEquals("", pack("packed.jar"));
        try (JarFile packed = new JarFile(folder.resolve("packed.jar").toFile())) {
            Attributes manifest = packed.getManifest().getMainAttributes();
            assertNull(manifest.getValue(Attributes.Name.CLASS_PATH));
            assertEquals("own.Main", manifest.getValue(Attributes.Name.MAIN_CLASS));
            assertEquals("1", text(packed, "a"));
            assertEquals("2", text(packed, "b"));
            assertEquals("free", text(packed, "META-INF/LICENSE"));
            assertEquals("freer", text(packed, "META-INF/b/LICENSE"));
            // In the order of the class path, as without packing; blank lines are nothing.
            assertEquals(
                    "own.Zero a.One b.Two", text(packed, SERVICES).replaceAll("\\s+", " ").strip());
        }
    }

    @Test
    void leavesOutNativeLibrariesThatTheImageCannotLoad() throws Exception {
        String ours = "linux/" + System.getProperty("os.arch") + "/libzip.so";
        List<String> others =
                List.of(
                        "linux/vax/libzip.so",
                        "aix/ppc64/libzip.so",
                        "freebsd/amd64/libzip.so",
                        "darwin/aarch64/libzip.dylib",
                        "win/amd64/libzip.dll");
        Map<String, String> natives = new HashMap<>(Map.of(ours, "1", "native/libown.so", "2"));
        others.forEach(other -> natives.put(other, "0"));
        write("libs/a.jar", natives);
        write("libs/b.jar", Map.of("win/amd64/table.txt", "3"));
        service(Map.of());
        assertEquals("", pack("packed.jar"));
        try (JarFile packed = new JarFile(folder.resolve("packed.jar").toFile())) {
            assertEquals("1", text(packed, ours));
            assertEquals("2", text(packed, "native/libown.so"), "who knows for what it is");
            assertEquals("3", text(packed, "win/amd64/table.txt"), "not to be loaded");
            for (String other : others) {
                assertNull(packed.getEntry(other), other);
            }
        }
    }

    @Test
    void isTheSameFromTheSameJars() throws Exception {
        write("libs/a.jar", Map.of("a", "1"));
        write("libs/b.jar", Map.of("b", "2"));
        service(Map.of());
        assertEquals("", pack("first.jar"));
        assertEquals("", pack("second.jar"));
        assertArrayEquals(
                Files.readAllBytes(folder.resolve("first.jar")),
                Files.readAllBytes(folder.resolve("second.jar")));
    }

    @Test
    void refusesAFileThatEachLibraryNeedsForItself() throws Exception {
        write("libs/a.jar", Map.of("META-INF/beans.xml", "<beans/>"));
        write("libs/b.jar", Map.of("META-INF/beans.xml", "<beans></beans>"));
        service(Map.of());
        String said = pack("packed.jar");
        assertTrue(
                said.contains(
                        "META-INF/beans.xml is in a and in b: it cannot be packed into one jar"),
                said);
    }

    private void service(Map<String, String> files) throws IOException {
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, "own.Main");
        manifest.getMainAttributes().put(Attributes.Name.CLASS_PATH, "libs/a.jar libs/b.jar");
        write("service.jar", manifest, files);
    }

    private void write(String jar, Map<String, String> files) throws IOException {
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        write(jar, manifest, files);
    }

    private void write(String jar, Manifest manifest, Map<String, String> files)
            throws IOException {
        Path file = folder.resolve(jar);
        Files.createDirectories(file.getParent());
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(file), manifest)) {
            for (Map.Entry<String, String> one : files.entrySet()) {
                out.putNextEntry(new ZipEntry(one.getKey()));
                out.write(one.getValue().getBytes(StandardCharsets.UTF_8));
                out.closeEntry();
            }
        }
    }

    private static String text(JarFile jar, String name) throws IOException {
        try (var in = jar.getInputStream(jar.getEntry(name))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** What it says. */
    private String pack(String to) throws IOException, InterruptedException {
        Process process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                Manifests.FOLDER.resolve("images/packing/OneJar.java").toString(),
                                folder.resolve("service.jar").toString(),
                                folder.resolve(to).toString())
                        .redirectErrorStream(true)
                        .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(said.isEmpty() ? 0 : 1, process.waitFor(), said);
        return said;
    }
}
