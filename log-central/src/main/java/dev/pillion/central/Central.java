package dev.pillion.central;

import dev.pillion.central.access.Access;
import dev.pillion.central.access.Audit;
import dev.pillion.central.access.SessionService;
import dev.pillion.central.access.SignOnService;
import dev.pillion.central.admin.BackupService;
import dev.pillion.central.admin.MetricsService;
import dev.pillion.central.admin.StoreMetrics;
import dev.pillion.central.connect.Connections;
import dev.pillion.central.ingest.Batch;
import dev.pillion.central.ingest.Body;
import dev.pillion.central.ingest.IngestService;
import dev.pillion.central.ingest.Refusal;
import dev.pillion.central.loki.LokiService;
import dev.pillion.central.loki.LokiTail;
import dev.pillion.central.query.Queries;
import dev.pillion.central.query.ReadingService;
import dev.pillion.central.store.EmbeddedStore;
import dev.pillion.central.store.LogStore;
import dev.pillion.central.store.NotTaken;
import dev.pillion.central.tail.TailService;
import dev.pillion.central.tail.Tails;
import dev.pillion.central.view.ViewService;

import io.helidon.common.context.Contexts;
import io.helidon.microprofile.server.ServerCdiExtension;
import io.helidon.webserver.http.HttpRouting;

import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.context.BeforeDestroyed;
import jakarta.enterprise.context.Initialized;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.spi.BeanManager;
import jakarta.inject.Singleton;

import org.eclipse.microprofile.config.ConfigProvider;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.logging.Logger;

/** Starts and stops everything, in this order: store, then what takes in, then what gives out. */
@Singleton
public class Central {

    private static final Logger LOG = Logger.getLogger(Central.class.getName());

    /** A request that is not safe after this long is answered 503 and will be sent again. */
    private static final long SAFE_WITHIN_SECONDS = 30;

    /** Before the container starts the web server. */
    private static final int BEFORE_SERVER = 4000;

    private EmbeddedStore store;
    private Tails tails;
    private Access access;
    private Connections connections;

    void start(
            @Observes @Priority(BEFORE_SERVER) @Initialized(ApplicationScoped.class) Object event,
            BeanManager beans)
            throws IOException, Settings.Wrong {
        LogToTheEnd.keep();
        Settings settings =
                Settings.read(
                        key -> ConfigProvider.getConfig().getOptionalValue(key, String.class));
        Clock clock = Clock.systemUTC();
        access =
                new Access(
                        settings.access(),
                        ConfigProvider.getConfig().getValue("server.host", String.class),
                        clock);
        connections = new Connections(settings.headTimeout());
        store = new EmbeddedStore(settings.store(), clock);
        tails = new Tails(store, settings.tailReaders());
        Audit audit = new Audit(settings.access(), clock, System.out);
        Queries queries = new Queries(access, audit, settings.query(), connections, clock);
        ServerCdiExtension server = beans.getExtension(ServerCdiExtension.class);
        HttpRouting.Builder routing = server.serverRoutingBuilder();
        routing.addFilter(Connections::filter);
        routing.register(
                "/metrics", new MetricsService(meters -> StoreMetrics.register(meters, store)));
        routing.register(
                "/v1/logs", new IngestService(this::take, access, connections, settings.ingest()));
        routing.register("/api/session", new SessionService(access));
        settings.access()
                .signOn()
                .ifPresent(
                        signOn ->
                                routing.register(
                                        "/api/sign-on", new SignOnService(access, signOn)));
        routing.register("/api/tail", new TailService(store, tails, queries));
        routing.register("/api/backup", new BackupService(store::backup, queries, access, clock));
        routing.register("/api", new ReadingService(store, queries, access));
        routing.register("/loki/api/v1", new LokiService(store, queries));
        Contexts.globalContext()
                .register(new LokiTail(store, tails, access, audit, queries, clock));
        routing.register("/", new ViewService());
        LOG.info(
                () ->
                        "log-central keeps its records in "
                                + settings.dataDirectory().toAbsolutePath());
    }

    void stop(@Observes @BeforeDestroyed(ApplicationScoped.class) Object event) {
        if (store != null) {
            tails.stop();
            store.close();
            connections.close();
            access.close();
        }
    }

    /** Whether records can be taken in and found. */
    public boolean alive() {
        return store != null && store.alive();
    }

    /** Why chunks cannot be written at the moment, or the empty string. */
    public String failure() {
        return store == null ? "" : store.failure();
    }

    private void take(
            Batch batch,
            byte[] sent,
            Body.Encoding encoding,
            Body.Format format,
            byte[] hash,
            Duration patience)
            throws InterruptedException {
        CompletableFuture<LogStore.Receipt> safe =
                store.append(new LogStore.Request(batch, sent, encoding, format, hash), patience);
        try {
            safe.get(SAFE_WITHIN_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new Refusal(503, 5, "the disk is too slow");
        } catch (ExecutionException e) {
            if (e.getCause() instanceof NotTaken notTaken) {
                throw new Refusal(
                        notTaken.kind() == NotTaken.Kind.BUSY ? 429 : 503,
                        notTaken.retryAfter().toSeconds(),
                        notTaken.getMessage());
            }
            throw new IllegalStateException(e.getCause());
        }
    }
}
