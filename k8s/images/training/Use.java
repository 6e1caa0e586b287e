import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.GZIPOutputStream;

/**
 * What is done with a module in its container, once to train its AOT cache and again to measure it.
 *
 * <p>Everything is where the module looks for it when nothing is set: what kubelet would mount, and
 * the far ends on localhost. A round is a few requests whose answers are checked.
 */
abstract sealed class Use {

    /** A request that is not answered for so long fails. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    private final int port;
    private final int requests;

    private Use(int port, int requests) {
        this.port = port;
        this.requests = requests;
    }

    /** The use of a module by its name. */
    static Use of(String module) {
        return switch (module) {
            case "legacy-app" -> new LegacyApp();
            case "ambassador-proxy" -> new Ambassador();
            case "log-adapter" -> new LogAdapter();
            case "log-central" -> new LogCentral();
            default -> throw new IllegalArgumentException("no use of " + module + " is known");
        };
    }

    /** How many requests of its proper use a round has; probes are not counted. */
    final int requests() {
        return requests;
    }

    final boolean ready() throws InterruptedException {
        try {
            return get("/health/ready") == 200;
        } catch (IOException notYet) {
            return false;
        }
    }

    /** What kubelet and Prometheus ask. */
    final void probe() throws IOException, InterruptedException {
        for (String path : new String[] {"/health/started", "/health/live", "/health/ready"}) {
            expect(path);
        }
        expect("/metrics");
    }

    /** Starts the far ends and lays out the mounts. */
    abstract void prepare() throws Exception;

    /** Uses the service; fails if an answer is not as it should be. */
    abstract void round(int number) throws Exception;

    /** The application: its page; the database is away. */
    private static final class LegacyApp extends Use {

        LegacyApp() {
            super(8080, 1);
        }

        @Override
        void prepare() throws IOException {
            open("/var/log/app");
        }

        @Override
        void round(int number) throws IOException, InterruptedException {
            expect("/");
        }
    }

    /** Forwards HTTP to HTTPS, relays bytes, logs in to a database by TLS and SCRAM. */
    private static final class Ambassador extends Use {

        private static final int WEB = 8181;
        private static final int WIRE = 8182;
        private static final int DATABASE = 8183;

        Ambassador() {
            super(8091, 3);
        }

        @Override
        void prepare() throws Exception {
            Identity identity = Identity.create();
            FarEnd web = FarEnd.start(identity);
            FarEnd wire = FarEnd.start();
            Database database = Database.start(identity, "trainee", "demonstration");
            Map<String, String> routes = new LinkedHashMap<>();
            routes.put("web.protocol", "http");
            routes.put("web.listen", "127.0.0.1:" + WEB);
            routes.put("web.upstream", "https://localhost:" + web.port());
            routes.put("web.tls.ca", identity.certificatePem());
            routes.put("wire.protocol", "tcp");
            routes.put("wire.listen", "127.0.0.1:" + WIRE);
            routes.put("wire.upstream", "127.0.0.1:" + wire.port());
            routes.put("wire.tls", "disable");
            routes.put("database.protocol", "postgres");
            routes.put("database.listen", "127.0.0.1:" + DATABASE);
            routes.put("database.upstream", "localhost:" + database.port());
            routes.put("database.tls.ca", identity.certificatePem());
            Path folder = open("/etc/ambassador/routes");
            for (Map.Entry<String, String> route : routes.entrySet()) {
                Files.writeString(folder.resolve("route." + route.getKey()), route.getValue());
            }
            Path secrets = open("/etc/ambassador/secrets");
            Files.writeString(secrets.resolve("route.database.user"), "trainee");
            Files.writeString(secrets.resolve("route.database.password"), "demonstration");
        }

        @Override
        void round(int number) throws IOException, InterruptedException {
            expect(URI.create("http://127.0.0.1:" + WEB + "/rates"));
            expect(URI.create("http://127.0.0.1:" + WIRE + "/rates"));
            query();
            if (number % 10 == 0) {
                expect("/routes");
                expect("/");
            }
        }

        /** What a PostgreSQL client does that knows neither user nor password. */
        private static void query() throws IOException {
            try (Socket socket = new Socket("127.0.0.1", DATABASE)) {
                socket.setSoTimeout((int) PATIENCE.toMillis());
                OutputStream out = socket.getOutputStream();
                DataInputStream in = new DataInputStream(socket.getInputStream());
                byte[] startup =
                        "user\0legacy\0database\0orders\0\0".getBytes(StandardCharsets.US_ASCII);
                out.write(
                        ByteBuffer.allocate(8 + startup.length)
                                .putInt(8 + startup.length)
                                .putInt(3 << 16)
                                .put(startup)
                                .array());
                Database.skipTo('Z', in);
                out.write(Database.message('Q', "SELECT 1\0".getBytes(StandardCharsets.US_ASCII)));
                Database.skipTo('Z', in);
                out.write(Database.message('X', new byte[0]));
            }
        }
    }

    /** Lines of several dialects, shipped to log-central's port. */
    private static final class LogAdapter extends Use {

        private static final Map<String, String> LINES =
                Map.of(
                        "app.log",
                        """
                        2026-11-22 10:15:30,123 ERROR [main] dev.pillion.Desk - order 4711 refused
                        java.lang.IllegalStateException: no stock
                        \tat dev.pillion.Desk.take(Desk.java:42)
                        """,
                        "json.log",
                        """
                        {"timestamp":"2026-11-22T10:15:30.123Z","level":"INFO","message":"served","thread":"t1"}
                        """,
                        "logfmt.log",
                        """
                        time=2026-11-22T10:15:30Z level=warn msg="slow" took=250ms
                        """,
                        "access.log",
                        """
                        127.0.0.1 - - [22/Nov/2026:10:15:30 +0000] "GET /orders HTTP/1.1" 200 512 "-" "curl/8"
                        """,
                        "server.log",
                        """
                        Nov 22, 2026 10:15:30 AM dev.pillion.Desk take
                        WARNING: stock is low
                        """);

        private FarEnd central;

        LogAdapter() {
            super(8092, LINES.size() + 1);
        }

        @Override
        void prepare() throws IOException {
            central = FarEnd.startAt(8094);
            open("/var/log/app");
            open("/var/lib/log-adapter");
        }

        @Override
        void round(int number) throws Exception {
            int before = central.answered();
            for (Map.Entry<String, String> line : LINES.entrySet()) {
                Path file = Path.of("/var/log/app", line.getKey());
                Files.writeString(
                        file,
                        line.getValue(),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.APPEND);
            }
            expect("/");
            Training.await(() -> central.answered() > before, "the adapter ships to /v1/logs");
        }
    }

    /** A record comes by OTLP as the adapter sends it, is searched, counted and shown. */
    private static final class LogCentral extends Use {

        LogCentral() {
            super(8094, 4);
        }

        @Override
        void prepare() throws IOException {
            open("/var/lib/log-central");
        }

        @Override
        void round(int number) throws IOException, InterruptedException {
            boolean gzip = number % 10 == 0;
            byte[] records = records(number);
            HttpRequest export =
                    HttpRequest.newBuilder(uri("/v1/logs"))
                            .header("Content-Type", "application/x-protobuf")
                            .header("Content-Encoding", gzip ? "gzip" : "zstd")
                            .POST(
                                    HttpRequest.BodyPublishers.ofByteArray(
                                            gzip ? gzip(records) : zstd(records)))
                            .build();
            int status = CLIENT.send(export, HttpResponse.BodyHandlers.discarding()).statusCode();
            Training.check(status == 200, "POST /v1/logs answers 200, not " + status);
            expect("/api/logs?query=training&limit=10");
            expect("/api/histogram?query=training");
            expect("/");
        }

        /** An ExportLogsServiceRequest (opentelemetry-proto 1.9) of one record. */
        private static byte[] records(int number) {
            byte[] service = join(text(1, "service.name"), field(2, text(1, "training")));
            byte[] resource = field(1, field(1, service));
            byte[] time =
                    ByteBuffer.allocate(9)
                            .order(ByteOrder.LITTLE_ENDIAN)
                            .put((byte) (1 << 3 | 1))
                            .putLong(System.currentTimeMillis() * 1_000_000)
                            .array();
            byte[] severity = {2 << 3, 9};
            byte[] body = field(5, text(1, "training record " + number));
            byte[] record = field(2, join(time, severity, text(3, "INFO"), body));
            byte[] scope = field(1, text(1, "dev.pillion.Desk"));
            return field(1, join(resource, field(2, join(scope, record))));
        }

        private static byte[] text(int number, String value) {
            return field(number, value.getBytes(StandardCharsets.UTF_8));
        }

        /** A field with a length, as protobuf's encoding says. */
        private static byte[] field(int number, byte[] value) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            out.write(number << 3 | 2);
            int length = value.length;
            while (length > 0x7F) {
                out.write(length & 0x7F | 0x80);
                length >>>= 7;
            }
            out.write(length);
            out.writeBytes(value);
            return out.toByteArray();
        }

        private static byte[] join(byte[]... parts) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            for (byte[] part : parts) {
                out.writeBytes(part);
            }
            return out.toByteArray();
        }

        /** A frame of one block as it is (RFC 8878 section 3.1.1); up to 255 bytes. */
        private static byte[] zstd(byte[] bytes) {
            int lastRawBlock = bytes.length << 3 | 1;
            byte[] head = {
                0x28,
                (byte) 0xB5,
                0x2F,
                (byte) 0xFD,
                0x20,
                (byte) bytes.length,
                (byte) lastRawBlock,
                (byte) (lastRawBlock >> 8),
                0
            };
            return join(head, bytes);
        }

        private static byte[] gzip(byte[] bytes) throws IOException {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
                gzip.write(bytes);
            }
            return out.toByteArray();
        }
    }

    final void expect(String path) throws IOException, InterruptedException {
        expect(uri(path));
    }

    static void expect(URI address) throws IOException, InterruptedException {
        int answer = get(address);
        Training.check(answer == 200, address + " answers 200, not " + answer);
    }

    final URI uri(String path) {
        return URI.create("http://127.0.0.1:" + port + path);
    }

    private int get(String path) throws IOException, InterruptedException {
        return get(uri(path));
    }

    private static int get(URI address) throws IOException, InterruptedException {
        return CLIENT.send(
                        HttpRequest.newBuilder(address).timeout(PATIENCE).build(),
                        HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }

    /** A folder that the container's user, who is not this program's, may write to. */
    private static Path open(String name) throws IOException {
        Path folder = Files.createDirectories(Path.of(name));
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
        return folder;
    }
}
