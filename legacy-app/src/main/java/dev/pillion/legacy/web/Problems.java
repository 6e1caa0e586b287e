package dev.pillion.legacy.web;

import dev.pillion.legacy.desk.OrderRefused;
import dev.pillion.legacy.partner.PartnerUnavailable;
import dev.pillion.legacy.store.OrderState;
import dev.pillion.legacy.store.StoreUnavailable;

import jakarta.ws.rs.ProcessingException;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.ext.ExceptionMapper;

import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;

/** From exception to {@link Problem}. */
final class Problems {

    private static final Logger LOG = LogManager.getLogger(Problems.class);

    private Problems() {}

    /** 503: the database. */
    public static final class StoreDown implements ExceptionMapper<StoreUnavailable> {
        @Override
        public Response toResponse(StoreUnavailable e) {
            LOG.warn("Answered 503: {}", e.getMessage());
            return Problem.answer(
                    503,
                    "database-unavailable",
                    "The orders database cannot be reached. Nothing was ordered; please try again"
                            + " shortly.");
        }
    }

    /** 503: the partner's rate for a currency. */
    public static final class PartnerDown implements ExceptionMapper<PartnerUnavailable> {
        @Override
        public Response toResponse(PartnerUnavailable e) {
            return Problem.answer(
                    503,
                    "partner-unavailable",
                    "There is no exchange rate for this currency now. Orders in euro are taken.");
        }
    }

    /** 402 or 409: a refused order, with its number in the message. */
    public static final class Refused implements ExceptionMapper<OrderRefused> {
        @Override
        public Response toResponse(OrderRefused e) {
            return e.state() == OrderState.DECLINED
                    ? Problem.answer(
                            402,
                            "declined",
                            "Order " + e.number() + ": the card's issuer declined the payment.")
                    : Problem.answer(
                            409,
                            "out-of-stock",
                            "Order " + e.number() + ": there are not enough pieces on the shelf.");
        }
    }

    /** 400: a body that is no JSON, or other JSON than an order. */
    public static final class Unreadable implements ExceptionMapper<ProcessingException> {
        @Override
        public Response toResponse(ProcessingException e) {
            return Problem.answer(400, "invalid", "The body is not an order as JSON.");
        }
    }

    /** What JAX-RS itself answers stays; everything else is our mistake: 500 and a trace. */
    public static final class Other implements ExceptionMapper<RuntimeException> {
        @Override
        public Response toResponse(RuntimeException e) {
            if (e instanceof WebApplicationException known) {
                Response answer = known.getResponse();
                return answer.hasEntity()
                        ? answer
                        : Problem.answer(
                                answer.getStatus(),
                                "http-" + answer.getStatus(),
                                answer.getStatusInfo().getReasonPhrase());
            }
            LOG.error("A request failed", e);
            return Problem.answer(
                    500, "internal", "Something went wrong on our side; it is in our log.");
        }
    }
}
