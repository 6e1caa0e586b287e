package dev.pillion.launcher.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Optional;

class PortOwnerTest {

    @Test
    void namesTheProcessThatListens() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String owner = PortOwner.of(socket.getLocalPort()).orElseThrow().description();
            assertTrue(owner.startsWith("process " + ProcessHandle.current().pid() + " ("), owner);
        }
    }

    @Test
    void findsNobodyOnAFreePort() throws IOException {
        assertEquals(Optional.empty(), PortOwner.of(FreePort.choose()));
    }
}
