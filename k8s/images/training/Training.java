import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Runs a service inside its image while that is built, once for the classes that it generates and
 * once more to use it as a pod would, and ends it, upon which the JVM writes the AOT cache. An
 * answer that is not the expected one fails the build: a broken service would leave a cache as
 * well.
 *
 * <p>Argument: the folder with the jar and {@code options}, the command line of the image.
 */
public final class Training {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration POLL = Duration.ofMillis(20);
    private static final int ROUNDS = 20;

    public static void main(String[] arguments) throws Exception {
        Path app = Path.of(arguments[0]);
        Path cache = app.resolve("app.aot");
        Path jar = jar(app);
        Use use = Use.of(jar.getFileName().toString().replace(".jar", ""));
        use.prepare();
        keepProxies(app, jar, use);
        Process process = start(app, "-XX:AOTCacheOutput=" + cache, use);
        for (int round = 0; round < ROUNDS; round++) {
            use.probe();
            use.round(round);
        }
        end(process);
        check(Files.exists(cache) && Files.size(cache) > 1_000_000, "an AOT cache was written");
        System.out.println("AOT cache: " + Files.size(cache) / 1024 / 1024 + " MiB");
        System.exit(0);
    }

    /**
     * Puts the classes that the CDI container generates at each start into the jar, where it looks
     * for them first, so that they come from the AOT cache as others do.
     */
    private static void keepProxies(Path app, Path jar, Use use) throws Exception {
        Path generated = Files.createTempDirectory("proxies");
        end(start(app, "-Dorg.jboss.weld.proxy.dump=" + generated, use));
        FileTime time = Files.getLastModifiedTime(jar);
        try (FileSystem inside = FileSystems.newFileSystem(jar);
                Stream<Path> files = Files.list(generated)) {
            for (Path file : files.sorted().toList()) {
                String name = file.getFileName().toString().replaceFirst("\\.class$", "");
                Path entry = inside.getPath(name.replace('.', '/') + ".class");
                Files.createDirectories(entry.getParent());
                Files.write(entry, Files.readAllBytes(file));
                for (int depth = entry.getNameCount(); depth > 0; depth--) {
                    Files.setLastModifiedTime(entry.subpath(0, depth), time);
                }
            }
        }
        // The cache is refused when the jar has another time than in training; the image keeps this
        // one.
        Files.setLastModifiedTime(jar, time);
    }

    /** The one jar of the folder. */
    private static Path jar(Path app) throws IOException {
        try (var jars = Files.newDirectoryStream(app, "*.jar")) {
            return jars.iterator().next();
        }
    }

    /** The service with one more option of the JVM, ready. */
    private static Process start(Path app, String option, Use use) throws Exception {
        ProcessBuilder builder =
                new ProcessBuilder("java", option, "@" + app.resolve("options")).inheritIO();
        // A cache is assembled by a process of its own with the same options, heap size included.
        builder.environment().put("JDK_AOT_VM_OPTIONS", "-Xmx1g");
        Process process = builder.start();
        await(
                () -> {
                    check(process.isAlive(), "the service starts");
                    return use.ready();
                },
                "/health/ready answers 200");
        return process;
    }

    /** As kubelet ends it. */
    private static void end(Process process) throws InterruptedException {
        process.destroy();
        check(process.waitFor(PATIENCE.toSeconds() * 3, TimeUnit.SECONDS), "the service ends");
    }

    /** Something that becomes true. */
    @FunctionalInterface
    interface Condition {
        boolean holds() throws Exception;
    }

    static void await(Condition condition, String what) throws Exception {
        Instant deadline = Instant.now().plus(PATIENCE);
        while (!condition.holds()) {
            check(Instant.now().isBefore(deadline), what);
            Thread.sleep(POLL);
        }
    }

    static void check(boolean holds, String what) {
        if (!holds) {
            System.err.println("not so: " + what);
            System.exit(1);
        }
    }
}
