package dev.pillion.adapter;

import dev.pillion.adapter.admin.AdapterMetrics;
import dev.pillion.adapter.admin.FilesService;
import dev.pillion.adapter.admin.MetricsService;
import dev.pillion.adapter.ship.Packer;
import dev.pillion.adapter.show.ExportService;
import dev.pillion.adapter.show.PreviewService;

import io.helidon.microprofile.server.ServerCdiExtension;
import io.helidon.webserver.http.HttpRouting;

import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.context.BeforeDestroyed;
import jakarta.enterprise.context.Initialized;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.spi.BeanManager;
import jakarta.inject.Singleton;
import jakarta.interceptor.Interceptor;

import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.ConfigProvider;
import org.eclipse.microprofile.config.spi.ConfigSource;

import java.io.IOException;
import java.util.Optional;
import java.util.logging.Level;
import java.util.logging.Logger;

/** The edge: starts and stops the adapter with the container. */
@Singleton
public class Service {

    private static final Logger LOG = Logger.getLogger(Service.class.getName());

    private Adapter adapter;

    void start(
            @Observes @Priority(1) @Initialized(ApplicationScoped.class) Object event,
            BeanManager beans)
            throws IOException, Settings.Mistakes {
        LogToTheEnd.keep();
        Config config = ConfigProvider.getConfig();
        Settings settings = Settings.read(key -> raw(config, key));
        Packer.unpackInto(settings.stateDirectory());
        adapter = new Adapter(settings, Identity.of(System.getenv()));
        for (String remark : adapter.checkpoint().remarks()) {
            LOG.warning(remark);
        }
        adapter.start();
        layOut(beans.getExtension(ServerCdiExtension.class));
        LOG.log(
                Level.INFO,
                "reading {0}, delivering to {1}",
                new Object[] {
                    settings.include(),
                    settings.exporting()
                            ? "readers of this port, and standard output"
                            : settings.sink().equals("otlp")
                                    ? settings.endpoint().address()
                                    : settings.sink()
                });
    }

    /** What is answered besides health; the container's server starts after all that observe. */
    private void layOut(ServerCdiExtension server) {
        HttpRouting.Builder routing = server.serverRoutingBuilder();
        routing.register(
                "/metrics",
                new MetricsService(meters -> new AdapterMetrics(adapter, meters).register()));
        routing.register("/files", new FilesService(adapter));
        routing.register("/", new PreviewService(adapter));
        if (adapter.settings().exporting()) {
            routing.register("/", new ExportService(adapter));
        }
    }

    void stop(
            @Observes
                    @Priority(Interceptor.Priority.PLATFORM_BEFORE)
                    @BeforeDestroyed(ApplicationScoped.class)
                    Object event)
            throws IOException, InterruptedException {
        if (adapter != null) {
            adapter.stop();
        }
    }

    /**
     * A value as it is written: <code>${line}</code> in a template is no reference to a property.
     */
    static Optional<String> raw(Config config, String key) {
        String best = null;
        int ordinal = Integer.MIN_VALUE;
        for (ConfigSource source : config.getConfigSources()) {
            String value = source.getValue(key);
            if (value != null && source.getOrdinal() > ordinal) {
                best = value;
                ordinal = source.getOrdinal();
            }
        }
        return Optional.ofNullable(best);
    }

    /** The adapter that runs. */
    public Adapter adapter() {
        return adapter;
    }
}
