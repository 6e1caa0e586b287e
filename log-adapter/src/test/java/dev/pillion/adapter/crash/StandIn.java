package dev.pillion.adapter.crash;

import dev.pillion.adapter.FakeCentral;

import java.io.IOException;
import java.net.URI;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/** The stand-in for log-central, for one service. */
final class StandIn implements Receiver {

    private final FakeCentral central;

    StandIn() throws IOException {
        central = new FakeCentral();
    }

    @Override
    public URI endpoint() {
        return central.endpoint();
    }

    @Override
    public int count(String service) {
        return central.count();
    }

    @Override
    public boolean has(String service, String body) {
        return central.bodies().contains(body);
    }

    @Override
    public void arrivals(String service, Consumer<Arrival> sink) {
        List<FakeCentral.Received> received = central.received();
        IntStream.range(0, received.size())
                .boxed()
                .sorted(Comparator.comparing(i -> received.get(i).record().getTimeUnixNano()))
                .forEach(
                        i -> {
                            var one = received.get(i);
                            sink.accept(new Arrival(one.fileId(), one.position(), i, one.body()));
                        });
    }

    @Override
    public void kill() throws IOException {
        central.restart();
    }

    @Override
    public void close() {
        central.close();
    }
}
