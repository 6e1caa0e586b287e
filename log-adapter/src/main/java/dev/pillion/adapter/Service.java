package dev.pillion.adapter;

import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.context.BeforeDestroyed;
import jakarta.enterprise.context.Initialized;
import jakarta.enterprise.event.Observes;
import jakarta.interceptor.Interceptor;

import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.ConfigProvider;

import java.io.IOException;
import java.util.logging.Level;
import java.util.logging.Logger;

/** The edge: starts and stops the adapter with the container. */
@ApplicationScoped
public class Service {

    private static final Logger LOG = Logger.getLogger(Service.class.getName());

    private Adapter adapter;

    void start(@Observes @Priority(1) @Initialized(ApplicationScoped.class) Object event)
            throws IOException, Settings.Mistakes {
        Config config = ConfigProvider.getConfig();
        Settings settings = Settings.read(key -> config.getOptionalValue(key, String.class));
        adapter = new Adapter(settings, Identity.of(System.getenv()));
        for (String remark : adapter.checkpoint().remarks()) {
            LOG.warning(remark);
        }
        adapter.start();
        LOG.log(
                Level.INFO,
                "reading {0}, delivering to {1}",
                new Object[] {settings.include(), settings.endpoint()});
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

    /** The adapter that runs. */
    public Adapter adapter() {
        return adapter;
    }
}
