package dev.pillion.ambassador.routes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pillion.ambassador.settings.Mistake;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

class RouteTableParserTest {

    private static final Map<String, String> GOOD =
            Map.of(
                    "route.db.protocol", "postgres",
                    "route.db.listen", "15432",
                    "route.db.upstream", "db-0:5432, [2001:db8::1]:5433",
                    "route.db.user", "orders_owner",
                    "route.db.password", "s3cret");

    @Test
    void hasADefaultForWhateverIsNotRequired() {
        RouteTableParser.Parsed parsed = RouteTableParser.parse(GOOD, "/secrets");
        assertEquals(List.of(), parsed.mistakes());
        assertEquals(
                new Route.Postgres(
                        "db",
                        new HostPort("127.0.0.1", 15432),
                        List.of(new HostPort("db-0", 5432), new HostPort("2001:db8::1", 5433)),
                        Optional.empty(),
                        "orders_owner",
                        new Secret("s3cret"),
                        Optional.empty(),
                        new Tls(
                                Tls.Mode.VERIFY_FULL,
                                Optional.empty(),
                                Optional.empty(),
                                Tls.Negotiation.POSTGRES),
                        Route.ChannelBinding.PREFER,
                        false,
                        Optional.empty(),
                        Optional.empty(),
                        Route.Target.ANY,
                        200,
                        Duration.ofSeconds(5),
                        256 << 10,
                        Duration.ofSeconds(60),
                        Duration.ofSeconds(15),
                        Duration.ofSeconds(5),
                        true,
                        Duration.ofSeconds(60),
                        new Route.KeepAlive(Duration.ofSeconds(60), Duration.ofSeconds(10), 3),
                        new Route.Warm(0, Duration.ofMinutes(5))),
                parsed.table().route("db").orElseThrow());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "route.db.upstream|db:|route.db.upstream: 'db:' has no port; write host:port",
                "route.db.upstream|a:1,b|route.db.upstream: 'b' has no port; write host:port",
                "route.db.upstream|:5432|route.db.upstream: ':5432' has no host; write host:port",
                "route.db.upstream|db:99999|route.db.upstream: 'db:99999' has a port that is not a"
                        + " number from 0 to 65535",
                "route.db.listen|x|route.db.listen: 'x' has no port; write host:port",
                "route.db.tls|on|route.db.tls: 'on' is not one of disable, require, verify-ca,"
                        + " verify-full",
                "route.db.tls.ca|/etc/ca.pem|route.db.tls.ca: holds no PEM certificate; the value is"
                        + " the text from -----BEGIN CERTIFICATE----- on, not a path",
                "route.db.tls.key|x|route.db.tls.certificate: is not set; add the key to the ConfigMap",
                "route.db.listen.tls.certificate|x|route.db.listen.tls.key: is not set; add the key"
                        + " route.db.listen.tls.key to the Secret mounted at /secrets",
                "route.db.app-login|md5|route.db.app-login: 'md5' is not one of any, scram-sha-256",
                "route.db.app-login.user|x|route.db.app-login.user: is not asked for while"
                        + " route.db.app-login is any; set that to scram-sha-256, or remove this",
                "route.db.allow-md5|yes|route.db.allow-md5: 'yes' is not one of true, false",
                "route.db.protocol|oracle|route.db.protocol: 'oracle' is not one of postgres, http,"
                        + " tcp",
                "route.db.login-deadline|soon|route.db.login-deadline: 'soon' is not a duration;"
                        + " write for example 15s",
                "route.db.max-sessions|0|route.db.max-sessions: '0' is not a whole number from 1 to"
                        + " 100000",
                "route.db.warm-sessions|-1|route.db.warm-sessions: '-1' is not a whole number from 0"
                        + " to 1000",
                "route.db.keep-alive-idle|1500ms|route.db.keep-alive-idle: '1500ms' is not whole"
                        + " seconds from 1s to 32767s; write for example 60s",
                "route.db.keep-alive-interval|10h|route.db.keep-alive-interval: '10h' is not whole"
                        + " seconds from 1s to 32767s; write for example 10s",
                "route.db.upsteam|x|route.db.upsteam: is not known; did you mean"
                        + " route.db.upstream?",
                "route.db.header.X|y|route.db.header.X: does not apply to protocol postgres; remove"
                        + " it",
                "route.Db.listen|1|route.Db.listen: is no route's key; write route.<name>.<key>, the"
                        + " name in lower case letters, digits and dashes",
            })
    void saysWhatIsWrongAndWhatToDo(String key, String value, String line) {
        Map<String, String> properties = new TreeMap<>(GOOD);
        properties.put(key, value);
        assertEquals(
                List.of(line),
                RouteTableParser.parse(properties, "/secrets").mistakes().stream()
                        .map(Mistake::line)
                        .toList());
    }

    @Test
    void namesThePlaceOfAMissingCredentialAndAllMistakesAtOnce() {
        Map<String, String> properties = new TreeMap<>(GOOD);
        properties.remove("route.db.password");
        properties.remove("route.db.listen");
        assertEquals(
                List.of(
                        "route.db.listen: is not set; add the key to the ConfigMap",
                        "route.db.password: is not set; add the key route.db.password to the Secret"
                                + " mounted at /secrets"),
                RouteTableParser.parse(properties, "/secrets").mistakes().stream()
                        .map(Mistake::line)
                        .toList());
    }

    @Test
    void refusesTwoRoutesOnOnePort() {
        Map<String, String> properties = new TreeMap<>(GOOD);
        GOOD.forEach((key, value) -> properties.put(key.replace(".db.", ".other."), value));
        assertEquals(
                List.of(
                        "route.other.listen: '127.0.0.1:15432' is also that of route db; give each"
                                + " route its own port"),
                RouteTableParser.parse(properties, "/secrets").mistakes().stream()
                        .map(Mistake::line)
                        .toList());
    }

    @Test
    void neverShowsASecret() {
        Map<String, String> properties = new TreeMap<>(GOOD);
        properties.put("route.db.pasword", "hunter2");
        properties.put("route.web.protocol", "http");
        properties.put("route.web.listen", "1");
        properties.put("route.web.upstream", "https://user:hunter2@host");
        properties.put("route.web.header.X-Key", "hunter2\nInjected: x");
        RouteTableParser.Parsed parsed = RouteTableParser.parse(properties, "/secrets");
        assertEquals(3, parsed.mistakes().size(), parsed.mistakes().toString());
        assertFalse(parsed.mistakes().toString().contains("hunter2"), parsed.mistakes().toString());
        Route good = RouteTableParser.parse(GOOD, "/secrets").table().route("db").orElseThrow();
        assertFalse(good.toString().contains("s3cret"), good.toString());
        assertTrue(good.toString().contains("(secret)"), good.toString());
    }
}
