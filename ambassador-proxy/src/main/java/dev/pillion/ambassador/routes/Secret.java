package dev.pillion.ambassador.routes;

/**
 * A value that must not be seen: whoever prints it prints a word instead.
 *
 * @param value the secret itself
 */
public record Secret(String value) {

    @Override
    public String toString() {
        return "(secret)";
    }
}
