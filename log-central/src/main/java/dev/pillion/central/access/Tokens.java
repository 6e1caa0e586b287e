package dev.pillion.central.access;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * All tokens, read whole from a folder whose files are the keys of a Secret: {@code ingest.<name>}
 * and {@code read.<name>} with a token a line, and beside them perhaps {@code
 * ingest.<name>.namespaces}; {@code oidc.client-secret} is the secret at the OpenID provider.
 * Immutable.
 *
 * @see LiveTokens who reads them again
 */
final class Tokens {

    /** Shorter ones could be guessed. */
    private static final int LEAST_LENGTH = 16;

    private static final int MOST_FILES = 1000;
    private static final int MOST_BYTES = 64 << 10;
    private static final Pattern FILE =
            Pattern.compile("(ingest|read)\\.([a-z0-9]([a-z0-9-]*[a-z0-9])?)(\\.namespaces)?");
    private static final String CLIENT_SECRET = "oidc.client-secret";
    private static final Pattern SECRET = Pattern.compile("[\\x21-\\x7e]+");
    private static final Pattern NAMESPACE = Pattern.compile("[a-z0-9]([a-z0-9-]*[a-z0-9])?");

    /** Where kubelet puts the files of a mounted Secret; exchanged as a whole when it changes. */
    private static final String KUBELETS_LINK = "..data";

    /** What a token is for. */
    enum Purpose {
        INGEST,
        READ
    }

    private final Map<Purpose, List<Token>> tokens;
    private final Optional<String> clientSecret;
    private final byte[] fingerprint;

    private Tokens(
            Map<Purpose, List<Token>> tokens, Optional<String> clientSecret, byte[] fingerprint) {
        this.tokens = Map.copyOf(tokens);
        this.clientSecret = clientSecret;
        this.fingerprint = fingerprint;
    }

    /** Files that are not tokens: one line each. */
    static final class Wrong extends Exception {
        private static final long serialVersionUID = 1;
        private final transient List<String> mistakes;

        Wrong(List<String> mistakes) {
            super(String.join("; ", mistakes));
            this.mistakes = List.copyOf(mistakes);
        }

        List<String> mistakes() {
            return mistakes;
        }
    }

    /**
     * Reads the folder; one that is absent or empty has no tokens.
     *
     * @throws Wrong with all mistakes at once; no message quotes what a file holds
     */
    static Tokens read(Path directory) throws Wrong {
        Map<String, String> files = new TreeMap<>();
        try {
            Path link = directory.resolve(KUBELETS_LINK);
            // Resolved once: all files are of the same state of the Secret.
            Path folder = Files.exists(link) ? link.toRealPath() : directory;
            if (Files.isDirectory(folder)) {
                try (var listing = Files.list(folder)) {
                    List<Path> found =
                            listing.filter(path -> !path.getFileName().toString().startsWith("."))
                                    .limit(MOST_FILES + 1L)
                                    .toList();
                    if (found.size() > MOST_FILES) {
                        throw new IOException("more than " + MOST_FILES + " files");
                    }
                    for (Path file : found) {
                        if (Files.size(file) > MOST_BYTES) {
                            throw new IOException(
                                    file.getFileName() + " has more than " + MOST_BYTES + " bytes");
                        }
                        files.put(
                                file.getFileName().toString(),
                                new String(Files.readAllBytes(file), StandardCharsets.UTF_8));
                    }
                }
            }
        } catch (IOException e) {
            throw new Wrong(
                    List.of(
                            "central.access.tokens-directory: "
                                    + directory
                                    + " cannot be read ("
                                    + e.getClass().getSimpleName()
                                    + ": "
                                    + e.getMessage()
                                    + ")"));
        }
        byte[] fingerprint = Token.digest(files.toString());
        Optional<String> clientSecret =
                Optional.ofNullable(files.remove(CLIENT_SECRET))
                        .map(String::strip)
                        .filter(secret -> !secret.isEmpty());
        return new Tokens(parse(directory, files), clientSecret, fingerprint);
    }

    private static Map<Purpose, List<Token>> parse(Path directory, Map<String, String> files)
            throws Wrong {
        List<String> mistakes = new ArrayList<>();
        Map<Purpose, List<Token>> tokens = new HashMap<>();
        for (Purpose purpose : Purpose.values()) {
            tokens.put(purpose, new ArrayList<>());
        }
        files.forEach(
                (file, content) -> {
                    String at = directory.resolve(file) + ": ";
                    Matcher name = FILE.matcher(file);
                    if (!name.matches()) {
                        mistakes.add(
                                at
                                        + "is not a token's name; write ingest.<name>, read.<name>,"
                                        + " one of these followed by .namespaces, or "
                                        + CLIENT_SECRET);
                        return;
                    }
                    Purpose purpose =
                            name.group(1).equals("ingest") ? Purpose.INGEST : Purpose.READ;
                    if (name.group(4) != null) {
                        if (!files.containsKey(name.group(1) + "." + name.group(2))) {
                            mistakes.add(at + "has no token beside it");
                        }
                        return;
                    }
                    String scope = files.get(file + ".namespaces");
                    try {
                        Set<String> namespaces = scope == null ? Set.of() : namespaces(scope);
                        List<Token> own = secrets(name.group(2), content, namespaces);
                        for (Token token : own) {
                            for (Token other : tokens.get(purpose)) {
                                if (other.hasDigest(token.digest())) {
                                    throw new IllegalArgumentException(
                                            "has a token that " + other.name() + " has as well");
                                }
                            }
                        }
                        tokens.get(purpose).addAll(own);
                    } catch (IllegalArgumentException e) {
                        mistakes.add(at + e.getMessage());
                    }
                });
        if (!mistakes.isEmpty()) {
            throw new Wrong(mistakes);
        }
        return tokens;
    }

    private static List<Token> secrets(String name, String content, Set<String> namespaces) {
        List<Token> tokens = new ArrayList<>();
        for (String line : content.split("\\R", -1)) {
            String secret = line.strip();
            if (secret.isEmpty()) {
                continue;
            }
            if (secret.length() < LEAST_LENGTH || !SECRET.matcher(secret).matches()) {
                throw new IllegalArgumentException(
                        "line "
                                + (tokens.size() + 1)
                                + " is not a token: at least "
                                + LEAST_LENGTH
                                + " visible ASCII characters; make one with: openssl rand -hex 24");
            }
            tokens.add(new Token(name, Token.digest(secret), namespaces));
        }
        if (tokens.isEmpty()) {
            throw new IllegalArgumentException("is empty; write a token into it");
        }
        return tokens;
    }

    private static Set<String> namespaces(String content) {
        Set<String> namespaces = new TreeSet<>(Arrays.asList(content.strip().split("[,\\s]+", -1)));
        for (String namespace : namespaces) {
            if (!isNamespace(namespace)) {
                throw new IllegalArgumentException(
                        ".namespaces beside it: '"
                                + namespace
                                + "' is not a namespace; separate names by commas");
            }
        }
        return namespaces;
    }

    static boolean isNamespace(String text) {
        return NAMESPACE.matcher(text).matches();
    }

    boolean isEmpty() {
        return tokens.values().stream().allMatch(List::isEmpty);
    }

    /** What this service shows the OpenID provider. */
    Optional<String> clientSecret() {
        return clientSecret;
    }

    int count(Purpose purpose) {
        return tokens.get(purpose).size();
    }

    boolean sameAs(Tokens other) {
        return Arrays.equals(fingerprint, other.fingerprint);
    }

    /** Takes the same time whichever token it is. */
    Optional<Token> find(Purpose purpose, String secret) {
        byte[] digest = Token.digest(secret);
        Token found = null;
        for (Token token : tokens.get(purpose)) {
            if (token.hasDigest(digest)) {
                found = token;
            }
        }
        return Optional.ofNullable(found);
    }

    /** The tokens for reading that have this name: two while one is exchanged for another. */
    List<Token> reading(String name) {
        return tokens.get(Purpose.READ).stream()
                .filter(token -> token.name().equals(name))
                .toList();
    }
}
