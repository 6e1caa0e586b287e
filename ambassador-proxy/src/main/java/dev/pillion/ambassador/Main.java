package dev.pillion.ambassador;

/** Starts the ambassador. */
public final class Main {

    private Main() {}

    public static void main(String[] args) {
        io.helidon.Main.main(args);
    }
}
