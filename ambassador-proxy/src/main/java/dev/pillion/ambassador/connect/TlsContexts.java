package dev.pillion.ambassador.connect;

import dev.pillion.ambassador.routes.HostPort;
import dev.pillion.ambassador.routes.Identity;
import dev.pillion.ambassador.routes.Tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import javax.net.ssl.KeyManager;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.net.ssl.X509TrustManager;

/**
 * TLS as a route wants it. One context is kept for each distinct wish, so that TLS sessions are
 * resumed; the oldest of more than {@link #MAX_CONTEXTS} goes. Guarded by its own lock.
 */
public final class TlsContexts {

    private static final int MAX_CONTEXTS = 64;
    private static final String[] PROTOCOLS = {"TLSv1.3", "TLSv1.2"};

    /** By a {@link Tls} for clients, by an {@link Identity} for servers. */
    private final Map<Record, SSLContext> contexts =
            new LinkedHashMap<>() {
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(Map.Entry<Record, SSLContext> eldest) {
                    return size() > MAX_CONTEXTS;
                }
            };

    /**
     * An engine that speaks as a client and believes only what the route allows.
     *
     * @param peer dialled; sent as SNI if it is a name, and verified if the mode says so
     * @throws ConnectFailure of kind TLS if the authority cannot be used
     */
    public SSLEngine clientEngine(Tls tls, HostPort peer, List<String> applicationProtocols)
            throws ConnectFailure {
        SSLEngine engine = context(tls).createSSLEngine(peer.host(), peer.port());
        engine.setUseClientMode(true);
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setProtocols(PROTOCOLS);
        parameters.setApplicationProtocols(applicationProtocols.toArray(String[]::new));
        if (tls.mode() == Tls.Mode.VERIFY_FULL) {
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
        }
        if (isName(peer.host())) {
            parameters.setServerNames(List.of(new SNIHostName(peer.host())));
        }
        engine.setSSLParameters(parameters);
        return engine;
    }

    /**
     * An engine that speaks as a server and shows the identity. A client that names application
     * protocols must name one of these.
     *
     * @throws ConnectFailure of kind TLS if the identity cannot be used
     */
    public SSLEngine serverEngine(Identity identity, List<String> applicationProtocols)
            throws ConnectFailure {
        SSLEngine engine = context(identity, () -> server(identity)).createSSLEngine();
        engine.setUseClientMode(false);
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setProtocols(PROTOCOLS);
        parameters.setApplicationProtocols(applicationProtocols.toArray(String[]::new));
        engine.setSSLParameters(parameters);
        return engine;
    }

    /**
     * The context of a route's TLS.
     *
     * @throws ConnectFailure of kind TLS if the authority cannot be used
     */
    public SSLContext context(Tls tls) throws ConnectFailure {
        return context(tls, () -> client(tls));
    }

    /**
     * Believes nobody: for a client that only speaks plain text, which without one would load all
     * authorities of the JDK at each start.
     */
    public SSLContext believingNobody() throws ConnectFailure {
        return context(
                new Nobody(),
                () -> {
                    SSLContext context = SSLContext.getInstance("TLS");
                    context.init(null, new TrustManager[0], null);
                    return context;
                });
    }

    private record Nobody() {}

    private interface Maker {
        SSLContext make() throws GeneralSecurityException, IOException;
    }

    private synchronized SSLContext context(Record wish, Maker maker) throws ConnectFailure {
        SSLContext context = contexts.get(wish);
        if (context == null) {
            try {
                context = maker.make();
            } catch (GeneralSecurityException | IOException wrong) {
                throw new ConnectFailure(
                        ConnectFailure.Kind.TLS, "the certificates cannot be used: " + wrong);
            }
            contexts.put(wish, context);
        }
        return context;
    }

    private static SSLContext client(Tls tls) throws GeneralSecurityException, IOException {
        TrustManagerFactory factory =
                TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(tls.authority().isPresent() ? trusted(tls.authority().get()) : null);
        TrustManager[] trust = factory.getTrustManagers();
        if (tls.mode() != Tls.Mode.VERIFY_FULL) {
            trust =
                    new TrustManager[] {
                        new WithoutNames((X509TrustManager) trust[0], tls.verified())
                    };
        }
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(tls.identity().isPresent() ? keys(tls.identity().get()) : null, trust, null);
        return context;
    }

    private static SSLContext server(Identity identity)
            throws GeneralSecurityException, IOException {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys(identity), null, null);
        return context;
    }

    private static KeyManager[] keys(Identity identity)
            throws GeneralSecurityException, IOException {
        return new KeyManager[] {new OneKey(identity.keyStore())};
    }

    private static KeyStore trusted(String pem) throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        Collection<? extends Certificate> certificates =
                CertificateFactory.getInstance("X.509")
                        .generateCertificates(
                                new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)));
        for (Certificate certificate : certificates) {
            store.setCertificateEntry("ca-" + store.size(), certificate);
        }
        return store;
    }

    private static boolean isName(String host) {
        return host.indexOf(':') < 0
                && !host.chars().allMatch(c -> c == '.' || Character.isDigit(c));
    }

    /**
     * verify-ca and require: the names in a certificate do not count (nor, for require, who signed
     * it). The extended methods are overridden because the JDK would check names in them.
     */
    private static final class WithoutNames extends X509ExtendedTrustManager {

        private final X509TrustManager chains;
        private final boolean verifyChain;

        WithoutNames(X509TrustManager chains, boolean verifyChain) {
            this.chains = chains;
            this.verifyChain = verifyChain;
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type)
                throws CertificateException {
            if (verifyChain) {
                chains.checkServerTrusted(chain, type);
            }
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
                throws CertificateException {
            checkServerTrusted(chain, type);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
                throws CertificateException {
            checkServerTrusted(chain, type);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type)
                throws CertificateException {
            throw new CertificateException("this end is a client");
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
                throws CertificateException {
            throw new CertificateException("this end is a client");
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
                throws CertificateException {
            throw new CertificateException("this end is a client");
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return chains.getAcceptedIssuers();
        }
    }
}
