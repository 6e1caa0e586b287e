package dev.pillion.adapter.redact;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.pillion.adapter.redact.Redactor.Rule;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.nio.charset.StandardCharsets;

/** What is masked, and what is not, wherever it stands in a batch. */
class SecretsTest {

    private final Redactor redactor = new Redactor(true);

    private String masked(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        redactor.redact(bytes, 0, bytes.length);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    login password=hunter2 ok                | login password=******* ok
                    {"apiKey": "a1b2", "n": 1}               | {"apiKey": "****", "n": 1}
                    Authorization: Bearer abc.def, x=1       | Authorization: Bearer *******, x=1
                    https://anna:geheim@db.example/x         | https://anna:******@db.example/x
                    token=a=b&user=c                         | token=***&user=c
                    password=token = x                       | password=***** = x
                    pwd=ü€ done                              | pwd=***** done
                    the secretary: is in at 10:15:00, id=7   | the secretary: is in at 10:15:00, id=7
                    password=                                | password=
                    {"password":"correct horse", "n":1}      | {"password":"*************", "n":1}
                    {"password":"a\\"b c", "n":1}            | {"password":"******", "n":1}
                    {"password":", a", "n":1}                | {"password":"***", "n":1}
                    {"password":"", "user":"x"}              | {"password":"", "user":"x"}
                    {"token":["a b", "c"], "user":"x"}       | {"token":[**********], "user":"x"}
                    {"token":[["a b"],"c"], "user":"x"}      | {"token":[***********], "user":"x"}
                    {"secret":{"a":"b c"}, "user":"x"}       | {"secret":{*********}, "user":"x"}
                    "{\\"pwd\\":\\"a b\\",\\"n\\":1}"            | "{\\"pwd\\":\\"***\\",\\"n\\":1}"
                    {"pwd":123456, "n":-1.5}                 | {"pwd":******, "n":-1.5}
                    token='it is' user='x'                   | token='*****' user='x'
                    {"msg":"no password:", "user":"x"}       | {"msg":"no password:", "user":"x"}
                    https://db.example:5432/x                | https://db.example:5432/x
                    JJJ eyJ eyJhbGciOi                       | JJJ eyJ eyJhbGciOi
                    sent eyJhbGciOiJIUzI1NiJ9.eyJzdWIi.c2ln. | sent ***********************************
                    """)
    void masksTheSecretAndNothingElse(String line, String expected) {
        for (int before = 0; before < 9; before++) {
            String blanks = " ".repeat(before);
            assertEquals(blanks + expected, masked(blanks + line));
        }
    }

    @Test
    void findsNoSecretThatGoesOnInTheNextLine() {
        assertEquals("password=\nopen\ntoken:\nx", masked("password=\nopen\ntoken:\nx"));
    }

    @Test
    void masksRecordByRecord() {
        byte[] bytes = "password=one\ntoken=two\n".getBytes(StandardCharsets.US_ASCII);
        Secrets secrets = new Secrets(redactor);
        secrets.find(bytes, 0, bytes.length);
        assertEquals(2, redactor.count(Rule.PASSWORD));
        secrets.mask(13);
        assertEquals("password=***\ntoken=two\n", new String(bytes, StandardCharsets.US_ASCII));
        secrets.mask(bytes.length);
        assertEquals("password=***\ntoken=***\n", new String(bytes, StandardCharsets.US_ASCII));
    }

    @Test
    void cutsNoCharacterInTwo() {
        byte[] bytes = ("pwd=" + "€".repeat(4000)).getBytes(StandardCharsets.UTF_8);
        redactor.redact(bytes, 0, bytes.length);
        String text = new String(bytes, StandardCharsets.UTF_8);
        assertEquals("pwd=" + "*".repeat(8193) + "€".repeat(4000 - 2731), text);
    }

    @Test
    void leavesEverythingWhenSwitchedOff() {
        byte[] bytes = "password=hunter2".getBytes(StandardCharsets.US_ASCII);
        new Redactor(false).redact(bytes, 0, bytes.length);
        assertArrayEquals("password=hunter2".getBytes(StandardCharsets.US_ASCII), bytes);
    }
}
