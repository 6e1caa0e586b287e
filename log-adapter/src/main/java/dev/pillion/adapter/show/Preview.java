package dev.pillion.adapter.show;

import dev.pillion.adapter.Settings;
import dev.pillion.adapter.detect.Detector;
import dev.pillion.adapter.detect.Detector.Detection;
import dev.pillion.adapter.detect.Stamp;
import dev.pillion.adapter.frame.Framer;
import dev.pillion.adapter.parse.ParsedRecord;
import dev.pillion.adapter.parse.RecordParser;
import dev.pillion.adapter.redact.Redactor;
import dev.pillion.adapter.redact.Secrets;
import dev.pillion.adapter.tail.Content;
import dev.pillion.adapter.tail.Mark;
import dev.pillion.adapter.tail.TailedFile;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

/**
 * Raw lines and what is made of them, side by side, for one file. Sends nothing, changes nothing.
 */
final class Preview {

    /** How much of the end of a file is looked at. */
    private static final int WINDOW = 256 * 1024;

    /** A longer raw record is cut in the preview. */
    private static final int RAW_LIMIT = 8 * 1024;

    private final Settings settings;
    private final Redactor redactor;

    Preview(Settings settings, Redactor redactor) {
        this.settings = settings;
        this.redactor = redactor;
    }

    String json(TailedFile file, int limit) throws IOException {
        return file.content().look(content -> json(file, content, limit));
    }

    private String json(TailedFile file, Content content, int limit) throws IOException {
        long size = content.size();
        long base = Math.max(0, size - WINDOW);
        byte[] bytes = Mark.read(content, base, (int) (size - base));
        int end = bytes.length;
        int from = 0;
        if (base > 0) {
            while (from < end && bytes[from] != '\n') {
                from++;
            }
            from = Math.min(end, from + 1);
        }
        Instant modified = file.modified();
        Stamp stamp =
                new Stamp(
                        settings.zone(), modified.equals(Instant.EPOCH) ? Instant.now() : modified);
        Detection detection = file.detection();
        if (detection == null) {
            detection = Detector.detect(bytes, from, end, stamp);
        }
        Framer framer = new Framer(settings.maxRecordBytes(), Integer.MAX_VALUE);
        framer.frame(bytes, from, end, Framer.Tail.CLOSED, detection.dialect(), stamp);
        RecordParser parser = new RecordParser();
        parser.use(detection.dialect(), stamp);
        ParsedRecord record = new ParsedRecord();
        Secrets secrets = new Secrets(redactor);
        StringBuilder json = new StringBuilder("{\"path\":");
        RecordJson.quote(json, file.path().toString());
        json.append(",\"dialect\":");
        RecordJson.quote(json, detection.dialect().name());
        json.append(",\"layout\":");
        RecordJson.quote(json, detection.dialect().description());
        json.append(",\"confidence\":").append(Math.round(detection.confidence() * 100) / 100.0);
        json.append(",\"records\":[");
        int count = framer.count();
        for (int i = Math.max(0, count - limit); i < count; i++) {
            int start = framer.start(i);
            int to = framer.end(i);
            parser.parse(bytes, framer, i, record);
            secrets.find(bytes, start, to);
            secrets.mask(to);
            secrets.mask(record);
            if (i > Math.max(0, count - limit)) {
                json.append(",\n");
            }
            json.append("{\"raw\":");
            int cut = Math.min(to - start, RAW_LIMIT);
            RecordJson.quote(json, new String(bytes, start, cut, StandardCharsets.UTF_8));
            json.append(",\"record\":").append(RecordJson.flat(record, base + start)).append('}');
        }
        return json.append("]}\n").toString();
    }
}
