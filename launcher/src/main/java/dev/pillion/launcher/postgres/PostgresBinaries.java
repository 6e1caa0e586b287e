package dev.pillion.launcher.postgres;

import dev.pillion.launcher.mount.FolderTree;

import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.tukaani.xz.XZInputStream;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Set;

/**
 * PostgreSQL's programs, unpacked once from the archive that Maven Central carries for this
 * processor.
 *
 * @param folder holds {@code bin/}, {@code lib/} and {@code share/}
 */
public record PostgresBinaries(Path folder) {

    private static final Set<PosixFilePermission> FOLDER_MODE =
            PosixFilePermissions.fromString("rwxr-xr-x");

    /**
     * Unpacks the programs unless that was done before. What an interrupted run left is replaced.
     *
     * @param folder where to; its parent is created
     * @throws IOException if the disk refuses, or there are no binaries for this processor (x86-64
     *     and AArch64 Linux have them)
     */
    public static PostgresBinaries unpack(Path folder) throws IOException {
        if (Files.isExecutable(folder.resolve("bin/postgres"))) {
            return new PostgresBinaries(folder);
        }
        String archive = "/postgres-linux-" + architecture() + ".txz";
        Files.createDirectories(folder.toAbsolutePath().getParent());
        Path fresh = Files.createTempDirectory(folder.toAbsolutePath().getParent(), "unpacking-");
        Files.setPosixFilePermissions(fresh, FOLDER_MODE);
        try (InputStream packed = PostgresBinaries.class.getResourceAsStream(archive)) {
            if (packed == null) {
                throw new IOException(
                        "no PostgreSQL binaries for "
                                + System.getProperty("os.name")
                                + " on "
                                + System.getProperty("os.arch")
                                + "; Linux on x86-64 or AArch64 has them");
            }
            extract(packed, fresh);
            Files.move(fresh, folder, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            if (!Files.isExecutable(folder.resolve("bin/postgres"))) {
                throw e;
            } // Another process was faster; its copy is as good.
        } finally {
            FolderTree.delete(fresh);
        }
        return new PostgresBinaries(folder);
    }

    /** The path of one program, for example {@code initdb}. */
    Path program(String name) {
        return folder.resolve("bin").resolve(name).toAbsolutePath();
    }

    private static String architecture() {
        return switch (System.getProperty("os.arch")) {
            case "amd64", "x86_64" -> "x86_64";
            case "aarch64", "arm64" -> "arm_64";
            case String other -> other;
        };
    }

    private static void extract(InputStream packed, Path folder) throws IOException {
        try (TarArchiveInputStream tar = new TarArchiveInputStream(new XZInputStream(packed))) {
            for (TarArchiveEntry entry = tar.getNextEntry();
                    entry != null;
                    entry = tar.getNextEntry()) {
                Path target = folder.resolve(entry.getName()).normalize();
                if (!target.startsWith(folder)) {
                    throw new IOException("the archive leaves its folder: " + entry.getName());
                }
                if (entry.isDirectory()) {
                    Files.createDirectories(target);
                    continue;
                }
                Files.createDirectories(target.getParent());
                if (entry.isSymbolicLink()) {
                    Files.createSymbolicLink(target, Path.of(entry.getLinkName()));
                    continue;
                }
                Files.copy(tar, target, StandardCopyOption.REPLACE_EXISTING);
                if ((entry.getMode() & 0100) != 0) {
                    Set<PosixFilePermission> mode = EnumSet.copyOf(FOLDER_MODE);
                    Files.setPosixFilePermissions(target, mode);
                }
            }
        }
    }
}
