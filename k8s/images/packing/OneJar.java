import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * Writes a jar and the libraries that its manifest names as one jar: a JVM opens each jar of its
 * class path at each start, and reads each one's manifest. The same jars give the same bytes, on
 * one architecture: a native library for another one, or another system, is left out.
 *
 * <p>Arguments: the jar, and the one to write.
 */
public final class OneJar {

    /** As what a zip knows of time begins with. */
    private static final LocalDateTime ALWAYS = LocalDateTime.of(1980, 1, 1, 0, 0);

    /** Native libraries as zstd-jni has them, a folder a system with a folder an architecture. */
    private static final Pattern NATIVE =
            Pattern.compile("(aix|darwin|freebsd|linux|win)/[^/]+/[^/]+\\.(so|dll|dylib)");

    /** Where those lie that the image can load: it is built on what it is built for. */
    private static final String OURS = "linux/" + System.getProperty("os.arch") + "/";

    private final Map<String, byte[]> files = new LinkedHashMap<>();
    private final Map<String, String> from = new LinkedHashMap<>();
    private boolean multiRelease;

    public static void main(String[] arguments) throws IOException {
        Path jar = Path.of(arguments[0]);
        OneJar packed = new OneJar();
        Manifest manifest;
        try (JarFile service = new JarFile(jar.toFile())) {
            manifest = service.getManifest();
        }
        packed.add(jar);
        Object libraries = manifest.getMainAttributes().remove(Attributes.Name.CLASS_PATH);
        for (String library : libraries.toString().split(" ")) {
            packed.add(jar.resolveSibling(library));
        }
        packed.write(manifest, Path.of(arguments[1]));
    }

    private void add(Path jar) throws IOException {
        String library = jar.getFileName().toString().replace(".jar", "");
        try (JarFile file = new JarFile(jar.toFile())) {
            multiRelease |= file.isMultiRelease();
            for (ZipEntry entry : file.stream().toList()) {
                if (!entry.isDirectory()) {
                    add(library, entry.getName(), content(file, entry));
                }
            }
        }
    }

    private static byte[] content(ZipFile file, ZipEntry entry) throws IOException {
        try (InputStream in = file.getInputStream(entry)) {
            return in.readAllBytes();
        }
    }

    private void add(String library, String name, byte[] content) {
        if (name.equals(JarFile.MANIFEST_NAME)
                || name.endsWith("module-info.class")
                // Read by Helidon's discovery, which the helpers do without (HelidonServices).
                || name.startsWith("META-INF/helidon/")
                || (NATIVE.matcher(name).matches() && !name.startsWith(OURS))) {
            return;
        }
        byte[] there = files.get(name);
        if (there == null) {
            files.put(name, content);
            from.put(name, library);
        } else if (name.startsWith("META-INF/services/")) {
            files.put(name, join(there, content));
        } else if (name.matches("META-INF/(LICENSE|NOTICE|DEPENDENCIES)(\\.\\w+)?")) {
            if (!Arrays.equals(there, content)) {
                add(library, name.replace("META-INF/", "META-INF/" + library + "/"), content);
            }
        } else {
            fail(name + " is in " + from.get(name) + " and in " + library);
        }
    }

    /** Two lists of services; a list's last line may lack its end. */
    private static byte[] join(byte[] first, byte[] second) {
        byte[] joined = Arrays.copyOf(first, first.length + 1 + second.length);
        joined[first.length] = '\n';
        System.arraycopy(second, 0, joined, first.length + 1, second.length);
        return joined;
    }

    private void write(Manifest manifest, Path jar) throws IOException {
        if (multiRelease) {
            manifest.getMainAttributes().put(Attributes.Name.MULTI_RELEASE, "true");
        }
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        manifest.write(text);
        try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(jar))) {
            put(out, JarFile.MANIFEST_NAME, text.toByteArray());
            for (Map.Entry<String, byte[]> file : files.entrySet()) {
                put(out, file.getKey(), file.getValue());
            }
        }
    }

    private static void put(ZipOutputStream out, String name, byte[] content) throws IOException {
        ZipEntry entry = new ZipEntry(name);
        entry.setTimeLocal(ALWAYS);
        out.putNextEntry(entry);
        out.write(content);
        out.closeEntry();
    }

    private static void fail(String why) {
        System.err.println(why + ": it cannot be packed into one jar");
        System.exit(1);
    }
}
