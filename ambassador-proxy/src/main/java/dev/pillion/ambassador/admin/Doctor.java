package dev.pillion.ambassador.admin;

import dev.pillion.ambassador.connect.ConnectFailure;
import dev.pillion.ambassador.connect.Deadline;
import dev.pillion.ambassador.connect.Dialer;
import dev.pillion.ambassador.connect.TlsContexts;
import dev.pillion.ambassador.connect.Wire;
import dev.pillion.ambassador.postgres.PostgresSessions;
import dev.pillion.ambassador.routes.HostPort;
import dev.pillion.ambassador.routes.Route;
import dev.pillion.ambassador.routes.RouteKey;
import dev.pillion.ambassador.routes.RouteTableParser;
import dev.pillion.ambassador.settings.Mistake;
import dev.pillion.ambassador.settings.Mount;
import dev.pillion.ambassador.settings.MountedSettings;
import dev.pillion.ambassador.settings.ProcessSettings;

import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.security.cert.CertPathBuilderException;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;

import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLPeerUnverifiedException;

/**
 * {@code doctor}: tries each route step by step, from its text to its login, and says of each step
 * whether it holds and what to do if not. One thread; opens no port.
 */
public final class Doctor {

    private final PrintStream out;
    private final Clock clock;
    private final TlsContexts contexts = new TlsContexts();
    private boolean well = true;

    /**
     * @param out one line a step
     * @param clock for the age of certificates
     */
    public Doctor(PrintStream out, Clock clock) {
        this.out = out;
        this.clock = clock;
    }

    /**
     * @return whether every step of every route holds
     */
    public boolean examine(ProcessSettings settings) {
        mount("ambassador.routes-directory", new Mount(settings.routesDirectory()));
        mount("ambassador.secrets-directory", new Mount(settings.secretsDirectory()));
        Map<String, String> properties;
        try {
            properties =
                    new MountedSettings(
                                    new Mount(settings.routesDirectory()),
                                    new Mount(settings.secretsDirectory()),
                                    RouteKey.wholeNames())
                            .readRoutes();
        } catch (IOException unreadable) {
            bad("configuration", "cannot be read: " + unreadable);
            return false;
        }
        RouteTableParser.Parsed parsed =
                RouteTableParser.parse(properties, settings.secretsDirectory().toString());
        for (Mistake mistake : parsed.mistakes()) {
            bad("configuration", mistake.line());
        }
        if (!parsed.mistakes().isEmpty()) {
            return false;
        }
        int routes = parsed.table().routes().size();
        good("configuration", routes + (routes == 1 ? " route" : " routes") + ", no mistakes");
        parsed.table().routes().forEach(this::route);
        return well;
    }

    private void mount(String key, Mount mount) {
        if (!Files.isDirectory(mount.directory())) {
            out.println(
                    "  note  "
                            + key
                            + ": "
                            + mount.directory()
                            + " is not there; only properties and environment are read");
        } else if (!Files.isSymbolicLink(mount.directory().resolve("..data"))) {
            out.println(
                    "  note  "
                            + key
                            + ": "
                            + mount.directory()
                            + " has no ..data link; if it is a subPath mount, kubelet will never"
                            + " update it: mount the whole directory");
        }
    }

    private void route(Route route) {
        out.println("route " + route.name() + " (" + route.protocol().text() + ")");
        switch (route) {
            case Route.Postgres postgres ->
                    postgres.upstreams().forEach(h -> postgres(postgres, h));
            case Route.Tcp tcp -> tcp.upstreams().forEach(h -> tls(tcp, h, tcp.tls().enabled()));
            case Route.Http http -> {
                boolean secure = "https".equals(http.base().getScheme());
                int port = http.base().getPort();
                int wellKnown = secure ? 443 : 80;
                tls(http, new HostPort(http.base().getHost(), port < 0 ? wellKnown : port), secure);
            }
        }
    }

    private void postgres(Route.Postgres route, HostPort host) {
        if (!reachable(route, host)) {
            return;
        }
        PostgresSessions.Trial trial = PostgresSessions.tryLogin(route, host, contexts);
        trial.peer().ifPresent(chain -> certificate(host, List.of(chain)));
        if (trial.failure().isEmpty()) {
            good("login", host + ": " + trial.server());
        } else if (trial.tls().isPresent()) {
            bad("tls", trial.failure().get() + advice(route, trial.tls().get()));
        } else {
            bad("login", trial.failure().get());
        }
    }

    private boolean reachable(Route route, HostPort host) {
        try {
            InetAddress[] addresses = InetAddress.getAllByName(host.host());
            good(
                    "dns",
                    host.host()
                            + " is "
                            + String.join(
                                    ", ",
                                    Arrays.stream(addresses)
                                            .map(InetAddress::getHostAddress)
                                            .toList()));
        } catch (UnknownHostException unknown) {
            bad(
                    "dns",
                    host.host()
                            + " is not known; correct "
                            + key(route, "upstream")
                            + " or the DNS");
            return false;
        }
        try (SocketChannel channel = Dialer.dial(host, route.connectTimeout())) {
            good("tcp", host + " accepts at " + channel.getRemoteAddress());
            return true;
        } catch (IOException failure) {
            bad("tcp", failure.getMessage() + "; is it running, and is the port right?");
            return false;
        }
    }

    private void tls(Route route, HostPort host, boolean secure) {
        if (!reachable(route, host) || !secure) {
            return;
        }
        try (SocketChannel channel = Dialer.dial(host, route.connectTimeout());
                Deadline deadline = Deadline.of(route.connectTimeout(), channel)) {
            Wire wire = new Wire(channel);
            wire.startTls(contexts.clientEngine(route.tls(), host, List.of()));
            if (!deadline.passed()) {
                certificate(
                        host,
                        List.of(wire.engine().orElseThrow().getSession().getPeerCertificates()));
            }
        } catch (SSLPeerUnverifiedException anonymous) {
            bad("tls", host + " showed no certificate");
        } catch (ConnectFailure failure) {
            bad("tls", failure.getMessage());
        } catch (IOException failure) {
            String why =
                    failure.getMessage() == null
                            ? "no answer within " + route.connectTimeout().toMillis() + " ms"
                            : failure.getMessage();
            bad("tls", host + ": " + why + advice(route, failure));
        }
    }

    /** What to do, where the reason tells it. */
    private static String advice(Route route, Throwable failure) {
        boolean certificate = false;
        for (Throwable at = failure; at != null; at = at.getCause()) {
            if (at instanceof CertificateExpiredException) {
                return "; have its certificate renewed";
            }
            if (at instanceof CertPathBuilderException) {
                return "; put the authority that signed it into " + key(route, "tls.ca");
            }
            certificate |= at instanceof CertificateException;
        }
        if (certificate) {
            return "; dial it by a name it is good for in " + key(route, "upstream");
        }
        if (failure instanceof SSLHandshakeException) {
            return "";
        }
        return "; if it speaks no TLS there, correct the port, or "
                + (route instanceof Route.Http
                        ? "write http:// in " + key(route, "upstream")
                        : "set " + key(route, "tls") + " to disable");
    }

    private void certificate(HostPort host, List<Certificate> chain) {
        if (chain.isEmpty() || !(chain.get(0) instanceof X509Certificate certificate)) {
            return;
        }
        long days =
                Duration.between(clock.instant(), certificate.getNotAfter().toInstant()).toDays();
        good(
                "tls",
                host
                        + ": certificate for "
                        + names(certificate)
                        + ", valid for another "
                        + days
                        + " days");
    }

    private static String names(X509Certificate certificate) {
        try {
            Collection<List<?>> names = certificate.getSubjectAlternativeNames();
            if (names != null) {
                return String.join(
                        ", ", names.stream().map(name -> String.valueOf(name.get(1))).toList());
            }
        } catch (CertificateParsingException unreadable) {
            // its subject is what is left
        }
        return certificate.getSubjectX500Principal().getName();
    }

    private static String key(Route route, String key) {
        return "route." + route.name() + "." + key;
    }

    private void good(String step, String what) {
        out.printf("  ok    %-14s %s%n", step, what);
    }

    private void bad(String step, String what) {
        well = false;
        out.printf("  FAIL  %-14s %s%n", step, what);
    }
}
