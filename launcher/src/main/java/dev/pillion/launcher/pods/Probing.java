package dev.pillion.launcher.pods;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.HTTPGetAction;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Probe;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;

import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

/** Asks probes from outside of the pod, as a kubelet does. */
final class Probing {

    private static final Duration TIMEOUT = Duration.ofSeconds(2);
    private static final HttpClient CLIENT = client();

    private Probing() {}

    /** Whether a probe of a container succeeds now. */
    static boolean succeeds(String address, Container container, Probe probe)
            throws InterruptedException {
        try {
            if (probe.getTcpSocket() != null) {
                try (Socket socket = new Socket()) {
                    int port = port(container, probe.getTcpSocket().getPort());
                    socket.connect(new InetSocketAddress(address, port), (int) TIMEOUT.toMillis());
                    return true;
                }
            }
            return answers(address, container, probe.getHttpGet());
        } catch (IOException notYet) {
            return false;
        }
    }

    private static boolean answers(String address, Container container, HTTPGetAction get)
            throws IOException, InterruptedException {
        String scheme = "HTTPS".equals(get.getScheme()) ? "https" : "http";
        URI asked =
                URI.create(
                        "%s://%s:%d%s"
                                .formatted(
                                        scheme,
                                        address,
                                        port(container, get.getPort()),
                                        get.getPath()));
        int status =
                CLIENT.send(
                                HttpRequest.newBuilder(asked).timeout(TIMEOUT).build(),
                                HttpResponse.BodyHandlers.discarding())
                        .statusCode();
        return status >= 200 && status < 400;
    }

    private static int port(Container container, IntOrString port) {
        if (port.getIntVal() != null) {
            return port.getIntVal();
        }
        return container.getPorts().stream()
                .filter(p -> port.getStrVal().equals(p.getName()))
                .findFirst()
                .orElseThrow()
                .getContainerPort();
    }

    /** A kubelet's HTTPS probes look at no certificate either. */
    private static HttpClient client() {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {new Trusting()}, new SecureRandom());
            return HttpClient.newBuilder().sslContext(context).connectTimeout(TIMEOUT).build();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has TLS", e);
        }
    }

    private static final class Trusting extends X509ExtendedTrustManager {

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
