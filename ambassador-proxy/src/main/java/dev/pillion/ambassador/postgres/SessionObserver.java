package dev.pillion.ambassador.postgres;

import dev.pillion.ambassador.relay.Observer;

import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * Knows, while a session is relayed, whether it is between messages, between transactions, and who
 * said goodbye. On the session's loop only.
 */
final class SessionObserver implements Observer {

    private static final int IDLE = 'I';

    /** Our own: between the first message of an extended query and its ReadyForQuery. */
    private static final int EXTENDED = 'A';

    /** Told once, when all is over. */
    interface Closing {
        void ended(Ending ending, long bytesUp, long bytesDown);
    }

    private final String route;
    private final Closing closing;
    private final Runnable cancel;
    private final Message probe;
    private final MessageWalk up = new MessageWalk(this::sent);
    private final MessageWalk down = new MessageWalk(this::received);

    private int status = IDLE;
    private boolean terminated;
    private boolean lastWasError;

    /** Client messages that end in a ReadyForQuery, minus those answered. */
    private int unanswered;

    /** What made the last answer owed: Query or Sync. */
    private char lastStarter;

    /**
     * @param cancel cancels the statement that runs upstream; does not block
     * @param probe harmless to an application that still listens: a ParameterStatus it knows
     */
    SessionObserver(String route, Closing closing, Runnable cancel, Message probe) {
        this.route = route;
        this.closing = closing;
        this.cancel = cancel;
        this.probe = probe;
    }

    /** An application that has ended its half may still listen; one that vanished resets this. */
    @Override
    public Optional<ByteBuffer> probeClient() {
        return !terminated && busy() && down.atBoundary()
                ? Optional.of(ByteBuffer.wrap(probe.bytes()))
                : Optional.empty();
    }

    @Override
    public void clientLost() {
        if (!terminated && busy()) {
            cancel.run();
        }
    }

    private boolean busy() {
        return unanswered > 0 || status == EXTENDED;
    }

    @Override
    public void up(ByteBuffer bytes) {
        up.walk(bytes);
    }

    @Override
    public void down(ByteBuffer bytes) {
        down.walk(bytes);
    }

    @Override
    public Optional<ByteBuffer> upstreamLost(boolean clientEnded) {
        boolean parted = terminated || (clientEnded && !busy());
        if (parted || lastWasError || !down.atBoundary()) {
            return Optional.empty();
        }
        lastWasError = true;
        return Optional.of(
                fatal("08006", "the upstream of route " + route + " closed the connection"));
    }

    @Override
    public Optional<ByteBuffer> drain(boolean insist) {
        boolean between = status == IDLE && unanswered <= 0 && up.atBoundary() && down.atBoundary();
        if (between || (insist && down.atBoundary())) {
            return Optional.of(
                    fatal("57P01", "terminating connection: the ambassador is shutting down"));
        }
        return Optional.empty();
    }

    @Override
    public void ended(Ending ending, long bytesUp, long bytesDown) {
        closing.ended(terminated ? Ending.CLIENT_CLOSED : ending, bytesUp, bytesDown);
    }

    private static ByteBuffer fatal(String code, String text) {
        return ByteBuffer.wrap(Message.fatal(code, "ambassador: " + text).bytes());
    }

    private void sent(char type, int first) {
        switch (type) {
            case 'Q', 'S', 'F' -> {
                unanswered++;
                lastStarter = type;
            }
            case 'X' -> terminated = true;
            default -> {
                // Parse, Bind, Execute and the like are answered at the next Sync.
                if (type == 'P' || type == 'B' || type == 'E') {
                    status = status == IDLE ? EXTENDED : status;
                }
            }
        }
    }

    private void received(char type, int first) {
        lastWasError = type == 'E';
        if (type == 'Z') {
            status = first;
            unanswered = Math.max(0, unanswered - 1);
        } else if (type == 'G' && lastStarter == 'S') {
            // While copying in, the server ignores the Sync that came with Execute.
            unanswered = Math.max(0, unanswered - 1);
        }
    }
}
