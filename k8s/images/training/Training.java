import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;

/**
 * Runs a service inside its image while that is built, uses it as a pod would, and ends it, upon
 * which the JVM writes the AOT cache. An answer that is not the expected one fails the build: a
 * broken service would leave a cache as well.
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
        Use use = Use.of(module(app));
        use.prepare();
        ProcessBuilder builder =
                new ProcessBuilder(
                                "java", "-XX:AOTCacheOutput=" + cache, "@" + app.resolve("options"))
                        .inheritIO();
        // The assembly runs in a process of its own with the same options, heap size included.
        builder.environment().put("JDK_AOT_VM_OPTIONS", "-Xmx1g");
        Process process = builder.start();
        await(
                () -> {
                    check(process.isAlive(), "the service starts");
                    return use.ready();
                },
                "/health/ready answers 200");
        for (int round = 0; round < ROUNDS; round++) {
            use.probe();
            use.round(round);
        }
        // As kubelet ends it.
        process.destroy();
        check(process.waitFor(PATIENCE.toSeconds() * 3, TimeUnit.SECONDS), "the service ends");
        check(Files.exists(cache) && Files.size(cache) > 1_000_000, "an AOT cache was written");
        System.out.println("AOT cache: " + Files.size(cache) / 1024 / 1024 + " MiB");
        System.exit(0);
    }

    /** The module is what the one jar of the folder is called. */
    private static String module(Path app) throws IOException {
        try (var jars = Files.newDirectoryStream(app, "*.jar")) {
            return jars.iterator().next().getFileName().toString().replace(".jar", "");
        }
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
