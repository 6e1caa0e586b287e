package dev.pillion.adapter.tail;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/**
 * {@code lseek(2)} with {@code SEEK_DATA}: where the next bytes are that a file system has stored.
 * Java has no such call, and reading zeros costs a CPU-second for some gigabytes. Where the call is
 * not to be had (another system, another C library) the answer is "here": then zeros are read.
 */
final class DataSeek {

    /** From Linux' {@code fcntl.h} and {@code unistd.h}. */
    private static final int O_RDONLY_CLOEXEC = 02000000;

    private static final int SEEK_DATA = 3;

    private static final MethodHandle OPEN =
            function(
                    "open",
                    FunctionDescriptor.of(
                            ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT),
                    Linker.Option.firstVariadicArg(2));
    private static final MethodHandle LSEEK =
            function(
                    "lseek",
                    FunctionDescriptor.of(
                            ValueLayout.JAVA_LONG,
                            ValueLayout.JAVA_INT,
                            ValueLayout.JAVA_LONG,
                            ValueLayout.JAVA_INT));
    private static final MethodHandle CLOSE =
            function("close", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));

    private DataSeek() {}

    @SuppressWarnings("restricted") // the jar's manifest allows native access
    private static MethodHandle function(
            String name, FunctionDescriptor type, Linker.Option... options) {
        Linker linker = Linker.nativeLinker();
        return linker.defaultLookup()
                .find(name)
                .map(address -> linker.downcallHandle(address, type, options))
                .orElse(null);
    }

    /**
     * @param fileKey device and inode that the file at this path must have
     * @return the first offset from {@code offset} on that is not in a hole, or {@code offset}
     */
    static long next(Path path, Object fileKey, long offset) {
        if (!"Linux".equals(System.getProperty("os.name"))
                || OPEN == null
                || LSEEK == null
                || CLOSE == null) {
            return offset;
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = arena.allocateFrom(path.toString());
            int descriptor = (int) OPEN.invokeExact(name, O_RDONLY_CLOEXEC);
            if (descriptor < 0) {
                return offset;
            }
            try {
                return Math.max(offset, seek(descriptor, fileKey, offset));
            } finally {
                int ignored = (int) CLOSE.invokeExact(descriptor);
            }
        } catch (IOException e) {
            return offset;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    private static long seek(int descriptor, Object fileKey, long offset) throws Throwable {
        Path opened = Path.of("/proc/self/fd", Integer.toString(descriptor));
        if (!fileKey.equals(Files.readAttributes(opened, BasicFileAttributes.class).fileKey())) {
            return offset;
        }
        return (long) LSEEK.invokeExact(descriptor, offset, SEEK_DATA);
    }
}
