package dev.pillion.adapter;

/** Starts the service. */
public final class Main {

    private Main() {}

    public static void main(String[] args) {
        io.helidon.Main.main(args);
    }
}
