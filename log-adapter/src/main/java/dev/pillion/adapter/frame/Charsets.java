package dev.pillion.adapter.frame;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.List;

/**
 * Which file is written in which charset: {@code adapter.charset}. The first glob that matches
 * counts, then the charset without a glob.
 */
public final class Charsets {

    private final List<Rule> rules = new ArrayList<>();
    private Charset otherwise = StandardCharsets.UTF_8;

    private record Rule(PathMatcher matcher, boolean whole, Charset charset) {}

    /**
     * @param entries {@code charset} or {@code glob=charset}; a glob without a slash is matched
     *     against the file's name alone
     * @throws IllegalArgumentException with what is wrong with an entry
     */
    public Charsets(List<String> entries) {
        for (String entry : entries) {
            int equals = entry.lastIndexOf('=');
            String name = entry.substring(equals + 1).strip();
            Charset charset;
            try {
                charset = Charset.forName(name);
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException("'" + name + "' is not known here", e);
            }
            if (!Transcript.takes(charset)) {
                throw new IllegalArgumentException(
                        "'" + name + "' has characters of several bytes");
            }
            if (equals < 0) {
                otherwise = charset;
            } else {
                String glob = entry.substring(0, equals).strip();
                rules.add(
                        new Rule(
                                FileSystems.getDefault().getPathMatcher("glob:" + glob),
                                glob.contains("/"),
                                charset));
            }
        }
    }

    /**
     * Whether a file is read in another charset than it says by its first bytes: the byte order
     * mark of UTF-16 (RFC 2781) is no text in any charset that ASCII is part of.
     *
     * @param head its first bytes
     */
    public boolean misreads(Path path, byte[] head) {
        boolean marked =
                head.length >= 2
                        && ((head[0] == (byte) 0xFF && head[1] == (byte) 0xFE)
                                || (head[0] == (byte) 0xFE && head[1] == (byte) 0xFF));
        return marked && !of(path).name().startsWith("UTF-16");
    }

    public Charset of(Path path) {
        for (Rule rule : rules) {
            if (rule.matcher().matches(rule.whole() ? path : path.getFileName())) {
                return rule.charset();
            }
        }
        return otherwise;
    }
}
