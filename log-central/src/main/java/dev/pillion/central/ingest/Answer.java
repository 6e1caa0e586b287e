package dev.pillion.central.ingest;

import java.util.List;
import java.util.stream.Collectors;

/**
 * Bodies of answers, in the encoding of the request: {@code ExportLogsServiceResponse} and {@code
 * google.rpc.Status}.
 *
 * @see <a href="https://opentelemetry.io/docs/specs/otlp/#otlphttp-response">OTLP/HTTP</a>
 */
final class Answer {

    /** Reasons listed in one answer. */
    private static final int MAX_REASONS = 20;

    static final int INVALID_ARGUMENT = 3;
    static final int PERMISSION_DENIED = 7;
    static final int RESOURCE_EXHAUSTED = 8;
    static final int UNIMPLEMENTED = 12;
    static final int UNAVAILABLE = 14;
    static final int UNAUTHENTICATED = 16;

    private Answer() {}

    static byte[] taken(Body.Format format, List<Batch.Rejection> rejections) {
        if (rejections.isEmpty()) {
            return format == Body.Format.JSON ? Json.bytes("{}") : new byte[0];
        }
        String reasons =
                rejections.stream()
                        .filter(rejection -> !rejection.reason().isEmpty())
                        .limit(MAX_REASONS)
                        .map(rejection -> "record " + rejection.index() + ": " + rejection.reason())
                        .collect(Collectors.joining("; "));
        if (rejections.size() > MAX_REASONS) {
            reasons += "; and " + (rejections.size() - MAX_REASONS) + " more";
        }
        if (format == Body.Format.JSON) {
            return Json.bytes(
                    "{\"partialSuccess\":{\"rejectedLogRecords\":\""
                            + rejections.size()
                            + "\",\"errorMessage\":"
                            + Json.quoted(reasons)
                            + "}}");
        }
        ProtobufWriter out = new ProtobufWriter();
        int start = out.begin(1);
        out.varint(1, rejections.size());
        out.text(2, reasons);
        out.end(start);
        return out.toBytes();
    }

    static byte[] status(Body.Format format, int code, String message) {
        if (format == Body.Format.JSON) {
            return Json.bytes("{\"code\":" + code + ",\"message\":" + Json.quoted(message) + "}");
        }
        ProtobufWriter out = new ProtobufWriter();
        out.varint(1, code);
        out.text(2, message);
        return out.toBytes();
    }
}
