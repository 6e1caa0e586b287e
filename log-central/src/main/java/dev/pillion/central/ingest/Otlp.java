package dev.pillion.central.ingest;

/**
 * Field numbers of OpenTelemetry's messages.
 *
 * @see <a
 *     href="https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/logs/v1/logs.proto">logs.proto</a>
 */
public final class Otlp {

    /** ExportLogsServiceRequest.resource_logs */
    static final int RESOURCE_LOGS = 1;

    /**
     * ResourceLogs.resource, .scope_logs, .schema_url; ScopeLogs.scope, .log_records, .schema_url
     */
    public static final int GROUP_HEAD = 1;

    public static final int GROUP_ITEMS = 2;
    public static final int GROUP_SCHEMA_URL = 3;

    /** Resource.attributes */
    public static final int RESOURCE_ATTRIBUTES = 1;

    public static final int SCOPE_NAME = 1;
    public static final int SCOPE_VERSION = 2;
    public static final int SCOPE_ATTRIBUTES = 3;

    public static final int TIME = 1;
    public static final int SEVERITY_NUMBER = 2;
    public static final int SEVERITY_TEXT = 3;
    public static final int BODY = 5;
    public static final int ATTRIBUTES = 6;
    public static final int DROPPED_ATTRIBUTES = 7;
    public static final int FLAGS = 8;
    public static final int TRACE_ID = 9;
    public static final int SPAN_ID = 10;
    public static final int OBSERVED_TIME = 11;
    public static final int EVENT_NAME = 12;

    public static final int KEY = 1;
    public static final int VALUE = 2;

    public static final int STRING_VALUE = 1;
    public static final int BOOL_VALUE = 2;
    public static final int INT_VALUE = 3;
    public static final int DOUBLE_VALUE = 4;
    public static final int ARRAY_VALUE = 5;
    public static final int KVLIST_VALUE = 6;
    public static final int BYTES_VALUE = 7;

    /** ArrayValue.values and KeyValueList.values */
    public static final int VALUES = 1;

    private Otlp() {}
}
