package dev.pillion.legacy.partner;

import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;

import java.math.BigDecimal;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The last rates the partner gave. {@link #poll} is called by one ticker; everything else by any
 * thread.
 */
public final class RatesBoard {

    private static final Logger LOG = LogManager.getLogger(RatesBoard.class);

    /**
     * What is known of the partner.
     *
     * @param rates the last ones; empty before the first success
     * @param readAt when they were read
     * @param problem why the last poll failed; empty when it succeeded
     */
    public record Reading(
            Optional<Rates> rates, Optional<Instant> readAt, Optional<String> problem) {}

    private final PartnerClient partner;
    private final Clock clock;
    private final AtomicReference<Reading> last =
            new AtomicReference<>(
                    new Reading(
                            Optional.empty(),
                            Optional.empty(),
                            Optional.of("the partner has not been asked yet")));

    public RatesBoard(PartnerClient partner, Clock clock) {
        this.partner = partner;
        this.clock = clock;
    }

    /** Asks the partner once. Logs a failure with its trace when it begins, later in one line. */
    public void poll() {
        Reading before = last.get();
        try {
            Rates rates = partner.rates();
            last.set(
                    new Reading(
                            Optional.of(rates), Optional.of(clock.instant()), Optional.empty()));
            if (before.problem().isPresent()) {
                LOG.info("Rates of {} read, {} currencies", rates.date(), rates.rates().size());
            }
        } catch (PartnerUnavailable e) {
            last.set(new Reading(before.rates(), before.readAt(), Optional.of(e.getMessage())));
            if (before.problem().equals(Optional.of(e.getMessage()))) {
                LOG.warn("Rates not read: {}", e.getMessage());
            } else {
                LOG.error("Rates not read, orders in euro only until they are", e);
            }
        }
    }

    /** Returns what is known now. */
    public Reading reading() {
        return last.get();
    }

    /**
     * Returns how much of a currency one euro buys, by the last rates known; 1 for euro itself.
     *
     * @throws PartnerUnavailable if no rate of it was ever read
     */
    public BigDecimal rate(String currency) {
        if (currency.equals("EUR")) {
            return BigDecimal.ONE;
        }
        return last.get()
                .rates()
                .map(rates -> rates.rates().get(currency))
                .orElseThrow(
                        () ->
                                new PartnerUnavailable(
                                        "no exchange rate for " + currency + " is known"));
    }
}
