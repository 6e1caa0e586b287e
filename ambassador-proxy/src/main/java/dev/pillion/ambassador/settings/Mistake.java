package dev.pillion.ambassador.settings;

/**
 * One thing that is wrong in the configuration, in a form that is printed on one line, logged and
 * shown on the page.
 *
 * @param key the property, for example {@code route.orders-db.upstream}
 * @param value what was written there, as it may be shown: empty if absent or secret
 * @param fix what is wrong and what to write instead
 */
public record Mistake(String key, String value, String fix) {

    /** {@code key: 'value' fix}: the line an operator reads. */
    public String line() {
        return value.isEmpty() ? key + ": " + fix : key + ": '" + value + "' " + fix;
    }
}
