package dev.pillion.ambassador.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.ongres.scram.common.ScramFunctions;
import com.ongres.scram.common.ScramMechanism;

import org.junit.jupiter.api.Test;

import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;

class ScramKeysTest {

    /** The example of RFC 7677 section 3. */
    private static final String SALT = "W22ZaJ0SNY7soEsUEjb6gQ==";

    private static final String AUTH_MESSAGE =
            "n=user,r=rOprNGfwEbeRWgbNEkqO"
                    + ",r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
                    + ",s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"
                    + ",c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";

    private final ScramKeys keys = new ScramKeys();

    @Test
    void areThoseOfTheSpecificationsExample() {
        ScramMechanism sha256 = ScramMechanism.SCRAM_SHA_256;
        ScramKeys.Keys pencil = keys.of(sha256, "pencil", SALT, 4096);
        byte[] signature =
                ScramFunctions.clientSignature(
                        sha256, ScramFunctions.storedKey(sha256, pencil.client()), AUTH_MESSAGE);
        assertEquals(
                "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
                base64(ScramFunctions.clientProof(pencil.client(), signature)));
        assertEquals(
                "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=",
                base64(ScramFunctions.serverSignature(sha256, pencil.server(), AUTH_MESSAGE)));
    }

    @Test
    void areDerivedOnceForAllWhoNeedThem() throws Exception {
        try (ExecutorService logins = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<ScramKeys.Keys>> all =
                    IntStream.range(0, 20)
                            .mapToObj(
                                    i ->
                                            logins.submit(
                                                    () ->
                                                            keys.of(
                                                                    i % 2 == 0
                                                                            ? ScramMechanism
                                                                                    .SCRAM_SHA_256
                                                                            : ScramMechanism
                                                                                    .SCRAM_SHA_256_PLUS,
                                                                    "pencil",
                                                                    SALT,
                                                                    4096)))
                            .toList();
            for (Future<ScramKeys.Keys> one : all) {
                assertSame(all.get(0).get(), one.get());
            }
        }
        assertEquals(1, keys.size());
    }

    @Test
    void differByPasswordSaltIterationsAndHash() {
        String otherSalt = base64("another salt".getBytes(UTF_8));
        List<ScramKeys.Keys> all =
                List.of(
                        keys.of(ScramMechanism.SCRAM_SHA_256, "a", SALT, 4096),
                        keys.of(ScramMechanism.SCRAM_SHA_256, "b", SALT, 4096),
                        keys.of(ScramMechanism.SCRAM_SHA_256, "a", otherSalt, 4096),
                        keys.of(ScramMechanism.SCRAM_SHA_256, "a", SALT, 4097),
                        keys.of(ScramMechanism.SCRAM_SHA_512, "a", SALT, 4096));
        Set<String> distinct = new HashSet<>();
        all.forEach(one -> distinct.add(base64(one.client())));
        assertEquals(5, distinct.size());
        assertEquals(5, keys.size());
    }

    @Test
    void areForgottenWhenThereAreMany() {
        ScramKeys.Keys first = keys.of(ScramMechanism.SCRAM_SHA_256, "a", SALT, 1);
        for (int i = 2; i <= ScramKeys.MAX_ENTRIES + 50; i++) {
            keys.of(ScramMechanism.SCRAM_SHA_256, "a", SALT, i);
        }
        assertEquals(ScramKeys.MAX_ENTRIES, keys.size());
        assertNotEquals(first, keys.of(ScramMechanism.SCRAM_SHA_256, "a", SALT, 1));
    }

    @Test
    void areNotKeptWhenTheSaltIsNone() {
        assertThrows(
                IllegalArgumentException.class,
                () -> keys.of(ScramMechanism.SCRAM_SHA_256, "a", "no Base64", 4096));
        assertEquals(0, keys.size());
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }
}
