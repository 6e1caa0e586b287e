package dev.pillion.central.query;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.ByteString;

import dev.pillion.central.ingest.Origin;
import dev.pillion.central.store.LogStore.StoredRecord;

import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.ArrayValue;
import io.opentelemetry.proto.common.v1.InstrumentationScope;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.logs.v1.SeverityNumber;
import io.opentelemetry.proto.resource.v1.Resource;

import org.junit.jupiter.api.Test;

/** RFC 4180: quotes doubled, line ends inside quotes; and nothing that a spreadsheet would run. */
class CsvTest {

    private static String line(AnyValue body) {
        LogRecord.Builder record =
                LogRecord.newBuilder()
                        .setTimeUnixNano(1_700_000_000_000_000_001L)
                        .setSeverityNumber(SeverityNumber.SEVERITY_NUMBER_WARN2);
        if (body != null) {
            record.setBody(body);
        }
        byte[] data = record.build().toByteArray();
        byte[] resource =
                Resource.newBuilder()
                        .addAttributes(
                                KeyValue.newBuilder()
                                        .setKey("service.name")
                                        .setValue(AnyValue.newBuilder().setStringValue("or,ders")))
                        .build()
                        .toByteArray();
        byte[] scope =
                InstrumentationScope.newBuilder().setName("a \"logger\"").build().toByteArray();
        return Csv.line(
                new StoredRecord(
                        7,
                        1_700_000_000_000_000_001L,
                        new Origin(resource, ""),
                        new Origin(scope, ""),
                        data,
                        0,
                        data.length));
    }

    private static String line(String body) {
        return line(AnyValue.newBuilder().setStringValue(body).build());
    }

    private static final String BEFORE =
            "\"2023-11-14T22:13:20.000000001Z\",\"WARN\",\"or,ders\",\"a \"\"logger\"\"\",";

    @Test
    void quotesWhatIsSpecial() {
        assertEquals(BEFORE + "\"plain\"\r\n", line("plain"));
        assertEquals(BEFORE + "\"a \"\"b\"\", c\r\nd\ne\"\r\n", line("a \"b\", c\r\nd\ne"));
        assertEquals(BEFORE + "\"\"\r\n", line(""));
        assertEquals(BEFORE + "\"\"\r\n", line((AnyValue) null));
    }

    @Test
    void takesTheSenseFromFormulas() {
        assertEquals(BEFORE + "\"'=cmd|' /C calc'!A0\"\r\n", line("=cmd|' /C calc'!A0"));
        for (String start : new String[] {"+", "-", "@", "\t", "\r"}) {
            assertEquals(BEFORE + "\"'" + start + "1\"\r\n", line(start + "1"));
        }
    }

    @Test
    void writesWhatIsNotTextAsJson() {
        AnyValue list =
                AnyValue.newBuilder()
                        .setArrayValue(
                                ArrayValue.newBuilder()
                                        .addValues(AnyValue.newBuilder().setStringValue("x\"y"))
                                        .addValues(AnyValue.newBuilder().setIntValue(-1)))
                        .build();
        AnyValue bytes =
                AnyValue.newBuilder().setBytesValue(ByteString.copyFrom(new byte[] {0, 1})).build();
        assertEquals(BEFORE + "\"AAE=\"\r\n", line(bytes));
        assertEquals(BEFORE + "\"\"\r\n", line(AnyValue.getDefaultInstance()));
        assertEquals(BEFORE + "\"[\"\"x\\\"\"y\"\",-1]\"\r\n", line(list));
    }
}
