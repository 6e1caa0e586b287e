package dev.pillion.launcher.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A process of this machine, which may be gone.
 *
 * @param pid its id
 */
public record RunningProcess(long pid) {

    /** Sends it a signal, for example {@code INT}; that it is gone is no error. */
    public void signal(String name) throws IOException {
        ProcessLaunch.succeeds("kill", "-" + name, Long.toString(pid));
    }

    /** Its program and arguments parted by blanks (proc(5)); empty if it is gone. */
    public String commandLine() {
        try {
            byte[] arguments = Files.readAllBytes(Path.of("/proc/" + pid + "/cmdline"));
            return new String(arguments, StandardCharsets.UTF_8).replace('\0', ' ').strip();
        } catch (IOException gone) {
            return "";
        }
    }
}
