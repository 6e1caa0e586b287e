package dev.pillion.central.regex;

/** The places at which a needle occurs, from the first on. Used by one thread. */
public interface Occurrences {

    /**
     * The next at this place or behind it, or -1. Places that are asked for may only rise; one
     * before what was found last may be asked for.
     */
    int next(int from);
}
