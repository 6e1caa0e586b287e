import dev.pillion.central.ingest.ProtobufWriter;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;

/**
 * The logs of 48 pods over a day, as an adapter sends them: 16 services, each with the lines of a
 * kind of system that is known from public log collections, three pods each. Numbers, addresses and
 * ids are drawn anew for each line; the time is in milliseconds with random gaps, the observed time
 * in nanoseconds, the same for a batch. Counts what the answers must be. The same seed gives the
 * same bytes.
 */
final class Logs {

    static final int BATCH = 1000;
    static final int PODS = 48;
    static final long DAY = 86_400_000_000_000L;
    static final String NEEDLE = "needle4711x";
    static final String REGEX = "([Ff]ailed|refused).* port \\d";
    static final String SLOW_REGEX = "\\d{5} \\w+ed";
    static final String COMMON = "connection";

    private static final int NEEDLE_EVERY = 200_000;

    /** Service, logger, then lines: how often of 100, severity number, text. */
    private static final String KINDS =
            """
            = storage dfs.DataNode$PacketResponder
            40 9 PacketResponder {d} for block blk_{block} terminating
            25 9 Received block blk_{block} of size {size} from /{ip}
            20 9 Receiving block blk_{block} src: /{ip}:{port} dest: /{ip}:50010
            14 9 BLOCK* NameSystem.addStoredBlock: blockMap updated: {ip}:50010 is added to blk_{block} size {size}
            1 13 {ip}:50010:Got exception while serving blk_{block} to /{ip}:
            = resources mapreduce.v2.app.rm.RMContainerAllocator
            30 9 Reporting fragmented allocation: {n} of {n} for attempt_14450{id}_0001_m_0000{dd}_0
            30 9 Progress of TaskAttempt attempt_14450{id}_0001_m_0000{dd}_0 is : 0.{id}
            25 9 Recalculating schedule, headroom=<memory:{size}, vCores:-{dd}>
            12 13 Address change detected. Old: msra-sa-{dd}/{ip}:8030 New: msra-sa-{dd}:8030
            3 17 Retrying connect to server: msra-sa-{dd}/{ip}:8030. Already tried {d} time(s); maxRetries=45
            = batch executor.Executor
            35 9 Running task {n}.0 in stage {dd}.0 (TID {id})
            35 9 Finished task {n}.0 in stage {dd}.0 (TID {id}). {n} bytes result sent to driver
            20 9 Block rdd_{dd}_{n} stored as values in memory (estimated size {n}.{d} KB, free {id}.{d} KB)
            10 9 Found block rdd_{dd}_{n} locally
            = coordination org.apache.zookeeper.server.quorum.QuorumCnxManager
            45 13 Interrupting SendWorker thread from RecvWorker. {d}
            20 13 Connection broken for id {block}, my id = {d}, error = java.io.EOFException
            15 9 Received connection request /{ip}:{port}
            12 9 Accepted socket connection from /{ip}:{port}
            8 9 Closed socket connection for client /{ip}:{port} which had sessionid 0x{hex}{hex}
            = compute nova.compute.manager
            30 9 [req-{uuid}] {ip} "GET /v2/{uuid}/servers/detail HTTP/1.1" status: 200 len: {n} time: 0.{id}
            30 9 [instance: {uuid}] VM Started (Lifecycle Event)
            25 9 Active base files: /var/lib/nova/instances/_base/a489c868f0c37da93b76227c91bb03908ac0e742
            10 13 Unknown base file: /var/lib/nova/instances/_base/a489c868f0c37da93b76227c91bb03908ac0e742
            5 9 [instance: {uuid}] Took {dd}.{dd} seconds to build instance.
            = login sshd
            30 9 Failed password for invalid user {user} from {ip} port {port} ssh2
            20 9 pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost={ip}
            20 9 Received disconnect from {ip}: 11: Bye Bye [preauth]
            15 9 Connection closed by {ip} [preauth]
            10 17 error: Received disconnect from {ip}: 3: com.jcraft.jsch.JSchException: Auth fail [preauth]
            5 13 reverse mapping checking getaddrinfo for host-{id}.{user}.example [{ip}] failed - POSSIBLE BREAK-IN ATTEMPT!
            = web http.error
            40 9 workerEnv.init() ok /etc/httpd/conf/workers2.properties
            30 17 mod_jk child workerEnv in error state {d}
            25 5 jk2_init() Found child {id} in scoreboard slot {d}
            5 17 [client {ip}] Directory index forbidden by rule: /var/www/html/
            = proxy chrome.exe
            45 9 proxy.{host}:5070 close, {n} bytes sent, {id} bytes received, lifetime 00:{dd}
            45 9 proxy.{host}:5070 open through proxy proxy.{host}:5070 HTTPS
            10 17 proxy.{host}:5070 error : Could not connect through proxy - connection refused, port {port}
            = kernel kernel
            40 9 ciod: generated {n} core files for program /bgl/apps/SWL/performance/MINIBEN/mb_{dd}/sppm
            30 9 instruction cache parity error corrected
            20 21 data TLB error interrupt
            10 17 ciod: Error reading message prefix on CioStream socket to {ip}:{port}, Link has been severed
            = cluster hpc.unix
            50 9 node-{n} node status: configured out, command {id}
            30 9 Link error on broadcast tree Interconnect-0T00:00:{d}:{d}
            20 13 Temperature ({dd}) exceeds warning threshold on node-{n}, psu failure ambient={dd}
            = mail postfix/smtpd
            40 9 connect from {host}[{ip}]
            30 9 {hex}: from=<{user}@{host}>, size={n}, nrcpt={d} (queue active)
            25 9 disconnect from {host}[{ip}]
            5 13 warning: {ip}: hostname {host} verification failed: Name or service not known, port {port}
            = phone PowerManagerService
            40 5 acquire lock={id}, flags=0x1, tag="RILJ_ACK_WL", name=com.android.phone, ws=null, uid={n}, pid={id}
            40 5 release:lock={id}, flg=0x0, tag="*launch*", name=android", ws=WorkSource{{id}}, uid={n}
            20 5 ready=true,policy={d},wakefulness={d},wksummary=0x{d}3,uasummary=0x1,bootcompleted=true
            = steps Step_LSC
            50 5 onStandStepChanged {id}
            30 5 onExtend:{block} {d} {d} {d}
            20 9 calculateCaloriesWithCache totalCalories={id}
            = servicing CBS
            50 9 Loaded Servicing Stack v6.1.7601.{id} with Core: C:\\Windows\\winsxs\\amd64_microsoft-windows-servicingstack_31bf3856ad364e35_6.1.7601.{id}_none_{hex}{hex}\\cbscore.dll
            30 9 SQM: Failed to start upload with file pattern: C:\\Windows\\servicing\\sqm\\*_std.sqm, flags: 0x2 [HRESULT = 0x80004005 - E_FAIL]
            20 9 Session: {id}_{block} initialized by client WindowsUpdateAgent.
            = desktop com.apple.cts
            40 9 com.apple.CDScheduler: Thermal pressure state: {d} Memory pressure state: {d}
            35 9 ARPT: {id}.{id}: wl0: wl_update_tcpkeep_seq: Original Seq: {id}, Ack: {id}, Win size: 4096
            25 13 AirPort: Link Down on awdl0. Reason {d} (Disassociated because station leaving), connection {n} lost
            = orders dev.example.orders.OrderDesk
            40 9 GET /orders/{id} HTTP/1.1 200 {n} {n}ms
            30 9 Order {id} of customer {user} stored in {n} ms
            20 5 took connection {d} of pool orders after {n} ms
            9 13 partner {host} answered 503, attempt {d} of 5
            1 17 Order {id} could not be stored: java.sql.SQLException: connection to {ip} port {port} refused
            """;

    private static final String[] USERS = {
        "root", "admin", "oracle", "test", "webmaster", "guest", "alice", "bob", "fztu", "support"
    };

    private record Line(int share, int severity, String[] parts) {}

    private record Kind(String service, String logger, List<Line> lines) {}

    private final List<Kind> kinds = new ArrayList<>();
    private final Random random = new Random(7);
    private final Pattern regex = Pattern.compile(REGEX);
    private final Pattern slowRegex = Pattern.compile(SLOW_REGEX);
    private final Pattern common =
            Pattern.compile("(?<!\\w)" + COMMON + "(?!\\w)", Pattern.CASE_INSENSITIVE);
    private final long[] positions = new long[PODS];
    private final long[] podTimes = new long[PODS];
    private final long start;
    private final long gap;
    private long number;

    long bodyBytes;
    long plainBytes;
    long regexHits;
    long slowRegexHits;
    long commonHits;
    long needles;
    final long[] severities = new long[25];

    /**
     * @param start the first record's time, epoch nanoseconds
     * @param records how many there will be in the day
     */
    Logs(long start, long records) {
        this.start = start;
        this.gap = DAY / (records / PODS);
        for (String line : KINDS.lines().toList()) {
            String[] words = line.split(" ", 3);
            if (words[0].equals("=")) {
                kinds.add(new Kind(words[1], words[2], new ArrayList<>()));
            } else {
                String[] parts = words[2].split("(?=\\{[a-z])|(?<=[a-z]\\})");
                kinds.getLast()
                        .lines()
                        .add(
                                new Line(
                                        Integer.parseInt(words[0]),
                                        Integer.parseInt(words[1]),
                                        parts));
            }
        }
        java.util.Arrays.fill(podTimes, start);
    }

    /** The next 1000 records of a pod, as an OTLP request. */
    byte[] batch(int pod) {
        return batch(pod, BATCH);
    }

    byte[] batch(int pod, int records) {
        Kind kind = kinds.get(pod % kinds.size());
        ProtobufWriter out = new ProtobufWriter();
        int resourceLogs = out.begin(1);
        int resource = out.begin(1);
        attribute(out, 1, "service.name", kind.service());
        attribute(out, 1, "k8s.namespace.name", "shop");
        attribute(out, 1, "k8s.pod.name", kind.service() + "-7d9f8b6c4-" + pod);
        attribute(out, 1, "log.file.path", "/var/log/app/" + kind.service() + ".log");
        attribute(out, 1, "log.file.id", "66305:" + (1_000_000 + pod));
        out.end(resource);
        int scopeLogs = out.begin(2);
        int scope = out.begin(1);
        out.text(1, kind.logger());
        out.end(scope);
        long observed = podTimes[pod] + (long) (records * 1.1 * gap) + random.nextInt(1_000_000);
        for (int i = 0; i < records; i++) {
            podTimes[pod] += (long) (-Math.log(1 - random.nextDouble()) * gap);
            int record = out.begin(2);
            out.fixed64(1, Math.min(podTimes[pod], start + DAY - 1) / 1_000_000 * 1_000_000);
            Line line = line(kind);
            String text = text(line);
            count(line, text);
            out.varint(2, line.severity());
            out.text(3, severity(line.severity()));
            int body = out.begin(5);
            out.text(1, text);
            out.end(body);
            attribute(out, 6, "thread.name", "worker-" + random.nextInt(16));
            int pair = out.begin(6);
            out.text(1, "log.file.position");
            int value = out.begin(2);
            out.varint(3, positions[pod]);
            out.end(value);
            out.end(pair);
            out.fixed64(11, observed);
            out.end(record);
            // Time, thread and severity stand before the text in the file.
            positions[pod] += text.length() + 45;
        }
        out.end(scopeLogs);
        out.end(resourceLogs);
        byte[] bytes = out.toBytes();
        plainBytes += bytes.length;
        return bytes;
    }

    private void count(Line line, String text) {
        bodyBytes += text.length();
        severities[line.severity()]++;
        regexHits += regex.matcher(text).find() ? 1 : 0;
        slowRegexHits += slowRegex.matcher(text).find() ? 1 : 0;
        commonHits += common.matcher(text).find() ? 1 : 0;
        needles += text.contains(NEEDLE) ? 1 : 0;
    }

    private Line line(Kind kind) {
        int left = random.nextInt(100);
        for (Line line : kind.lines()) {
            left -= line.share();
            if (left < 0) {
                return line;
            }
        }
        throw new IllegalStateException(kind.service() + ": shares must make 100");
    }

    private String text(Line line) {
        if (++number % NEEDLE_EVERY == 77) {
            return "found " + NEEDLE + " in the haystack of " + number;
        }
        StringBuilder text = new StringBuilder();
        for (String part : line.parts()) {
            switch (part) {
                case "{d}" -> text.append(random.nextInt(10));
                case "{dd}" -> text.append(10 + random.nextInt(90));
                case "{n}" -> text.append(skewed(5000));
                case "{id}" -> text.append(10_000 + random.nextInt(90_000));
                case "{port}" -> text.append(32768 + random.nextInt(28000));
                case "{size}" ->
                        text.append(random.nextInt(4) > 0 ? 67108864 : random.nextInt(67108864));
                case "{block}" -> text.append(random.nextLong());
                case "{ip}" ->
                        text.append("10.250.").append(skewed(40)).append('.').append(skewed(250));
                case "{user}" -> text.append(USERS[skewed(USERS.length)]);
                case "{host}" -> text.append("host-").append(skewed(300)).append(".example");
                case "{hex}" -> text.append(String.format("%08x", random.nextInt()));
                case "{uuid}" ->
                        text.append(new java.util.UUID(random.nextLong(), random.nextLong()));
                default -> text.append(part);
            }
        }
        return text.toString();
    }

    /** Small numbers more often than large ones. */
    private int skewed(int bound) {
        return (int) (bound * Math.pow(random.nextDouble(), 3));
    }

    private static String severity(int number) {
        return switch (number) {
            case 5 -> "DEBUG";
            case 9 -> "INFO";
            case 13 -> "WARN";
            case 17 -> "ERROR";
            default -> "FATAL";
        };
    }

    private static void attribute(ProtobufWriter out, int field, String key, String value) {
        int pair = out.begin(field);
        out.text(1, key);
        int any = out.begin(2);
        out.text(1, value);
        out.end(any);
        out.end(pair);
    }
}
