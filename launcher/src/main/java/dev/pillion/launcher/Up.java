package dev.pillion.launcher;

/** Starts the suite. */
public final class Up {

    private Up() {}

    public static void main(String[] args) {
        System.out.println("up");
    }
}
