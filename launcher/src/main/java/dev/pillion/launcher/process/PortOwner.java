package dev.pillion.launcher.process;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Tells who listens on a TCP port, from {@code /proc} (Linux, proc(5)): the socket's inode stands
 * in {@code /proc/net/tcp}, and the process that holds it has a link to it among its descriptors.
 *
 * @param description for people, for example {@code process 4711 (nginx: master process)}
 */
public record PortOwner(String description) {

    private static final String LISTEN = "0A";
    private static final int LOCAL_ADDRESS = 1;
    private static final int STATE = 3;
    private static final int INODE = 9;
    private static final int SHOWN = 80;

    /**
     * Who listens on a port, on any address of this machine.
     *
     * @param port TCP port, 1 to 65535
     * @return empty if nobody does
     */
    public static Optional<PortOwner> of(int port) throws IOException {
        Set<String> sockets = new HashSet<>();
        for (String table : List.of("/proc/net/tcp", "/proc/net/tcp6")) {
            Path file = Path.of(table);
            if (Files.isReadable(file)) {
                Files.readAllLines(file).stream()
                        .skip(1)
                        .map(line -> line.strip().split("\\s+"))
                        .filter(columns -> columns[STATE].equals(LISTEN))
                        .filter(columns -> portOf(columns[LOCAL_ADDRESS]) == port)
                        .forEach(columns -> sockets.add("socket:[" + columns[INODE] + "]"));
            }
        }
        if (sockets.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new PortOwner(holderOf(sockets).orElse("a process of another user")));
    }

    private static int portOf(String address) {
        return Integer.parseInt(address.substring(address.indexOf(':') + 1), 16);
    }

    private static Optional<String> holderOf(Set<String> sockets) throws IOException {
        try (DirectoryStream<Path> processes =
                Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (Path process : processes) {
                if (holds(process, sockets)) {
                    long pid = Long.parseLong(process.getFileName().toString());
                    String command = new RunningProcess(pid).commandLine();
                    String shown =
                            command.length() > SHOWN ? command.substring(0, SHOWN) + "…" : command;
                    return Optional.of("process " + pid + " (" + shown + ")");
                }
            }
        }
        return Optional.empty();
    }

    private static boolean holds(Path process, Set<String> sockets) {
        try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(process.resolve("fd"))) {
            for (Path descriptor : descriptors) {
                if (sockets.contains(Files.readSymbolicLink(descriptor).toString())) {
                    return true;
                }
            }
            return false;
        } catch (IOException notOursOrGone) {
            return false;
        }
    }
}
