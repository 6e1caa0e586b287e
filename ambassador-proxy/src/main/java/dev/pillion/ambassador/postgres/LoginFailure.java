package dev.pillion.ambassador.postgres;

/** A login that ended before it began, as the application is told of it. No secret in it. */
final class LoginFailure extends Exception {

    private static final long serialVersionUID = 1L;

    private final String kind;
    private final transient Message answer;
    private final boolean retryable;

    private LoginFailure(String kind, String reason, Message answer, boolean retryable) {
        super(reason);
        this.kind = kind;
        this.answer = answer;
        this.retryable = retryable;
    }

    /** Worth trying again until the login-deadline. */
    static LoginFailure passing(String kind, String code, String text) {
        return new LoginFailure(kind, text, Message.fatal(code, "ambassador: " + text), true);
    }

    /** Will be the same next time. */
    static LoginFailure lasting(String kind, String code, String text) {
        return new LoginFailure(kind, text, Message.fatal(code, "ambassador: " + text), false);
    }

    /** The upstream's own words, unchanged. */
    static LoginFailure upstreamSaid(Message error, boolean retryable) {
        String code = error.fields().getOrDefault('C', "XX000");
        return new LoginFailure(
                "sqlstate_" + code,
                "the upstream refused the login: "
                        + error.fields().getOrDefault('M', "it does not say why"),
                error,
                retryable);
    }

    /** As metrics count it. */
    String kind() {
        return kind;
    }

    /** What the application is sent. */
    Message answer() {
        return answer;
    }

    boolean retryable() {
        return retryable;
    }

    String sqlState() {
        return answer.fields().getOrDefault('C', "");
    }
}
