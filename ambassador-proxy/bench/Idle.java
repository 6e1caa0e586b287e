import java.io.DataInputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Opens sessions, logs in where no password is asked for, says {@code open} and holds them until
 * its standard input ends. Through HAProxy, which cannot log in for us, the connection waits at the
 * password question.
 *
 * <p>Arguments: port on localhost, how many.
 */
public class Idle {

    void main(String[] args) throws IOException {
        byte[] text = "user\0bench\0database\0postgres\0\0".getBytes(StandardCharsets.US_ASCII);
        byte[] startup =
                ByteBuffer.allocate(8 + text.length)
                        .putInt(8 + text.length)
                        .putInt(3 << 16)
                        .put(text)
                        .array();
        List<Socket> sessions = new ArrayList<>();
        for (int i = 0; i < Integer.parseInt(args[1]); i++) {
            Socket socket = new Socket("127.0.0.1", Integer.parseInt(args[0]));
            socket.getOutputStream().write(startup);
            DataInputStream in = new DataInputStream(socket.getInputStream());
            while (true) {
                char type = (char) in.readUnsignedByte();
                byte[] body = in.readNBytes(in.readInt() - 4);
                if (type == 'E') {
                    throw new IOException(new String(body, StandardCharsets.UTF_8));
                }
                if (type == 'Z' || (type == 'R' && ByteBuffer.wrap(body).getInt() != 0)) {
                    break;
                }
            }
            sessions.add(socket);
        }
        System.out.println("open");
        while (System.in.read() >= 0) {}
        for (Socket session : sessions) {
            session.close();
        }
    }
}
