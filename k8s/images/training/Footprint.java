import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;

/**
 * Stands beside a service in its network while it is measured: plays its far ends, tells on
 * standard output when the service was first ready, uses it, and tells when that is done. Ends when
 * it is killed.
 *
 * <p>Arguments: the module, and how many requests to make.
 */
public final class Footprint {

    private static final Duration POLL = Duration.ofMillis(2);

    public static void main(String[] arguments) throws Exception {
        Use use = Use.of(arguments[0]);
        int requests = Integer.parseInt(arguments[1]);
        use.prepare();
        use.ready();
        System.out.println("prepared");
        Instant deadline = Instant.now().plusSeconds(60);
        while (!use.ready()) {
            Training.check(Instant.now().isBefore(deadline), "/health/ready answers 200");
            Thread.sleep(POLL);
        }
        System.out.println("ready " + System.currentTimeMillis());
        for (int round = 0; round * use.requests() < requests; round++) {
            use.round(round);
        }
        use.probe();
        System.out.println("used");
        // Far ends stay until this container is removed.
        new CountDownLatch(1).await();
    }
}
