package dev.pillion.central;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.By;
import org.openqa.selenium.Dimension;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;

/** The page, read in a real browser. */
class ViewerIT {

    private static final String HOSTILE =
            "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"
                    + " \u001b[31mred\u001b[0m \u202Etxt.exe";

    @TempDir static Path directory;
    private static RunningCentral central;
    private static ChromeDriver browser;

    @BeforeAll
    static void start() throws Exception {
        Optional<Path> chromium = onPath("chromium");
        Optional<Path> driver = onPath("chromedriver");
        if (chromium.isEmpty() || driver.isEmpty()) {
            return;
        }
        central = new RunningCentral(directory.resolve("data"));
        central.post(
                OtlpRequests.request(
                        OtlpRequests.logs(
                                "",
                                OtlpRequests.record(HOSTILE),
                                OtlpRequests.record(
                                        "Order 1 failed",
                                        OtlpRequests.text(
                                                "exception.stacktrace",
                                                "java.io.IOException: no tea\n"
                                                        + "\tat dev.example.Tea.brew(Tea.java:3)")),
                                OtlpRequests.record("two\n  lines"),
                                OtlpRequests.record(
                                        "the beginning " + "long ".repeat(2000) + "the ending"))),
                "Content-Type",
                "application/x-protobuf");
        ChromeOptions options = new ChromeOptions();
        options.setBinary(chromium.get().toFile());
        options.addArguments(
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-background-networking",
                "--disable-component-update",
                "--no-first-run",
                "--window-size=1400,900",
                "--user-data-dir=" + directory.resolve("profile"));
        browser =
                new ChromeDriver(
                        new ChromeDriverService.Builder()
                                .usingDriverExecutable(driver.get().toFile())
                                .build(),
                        options);
        browser.manage().timeouts().scriptTimeout(Duration.ofSeconds(30));
    }

    @BeforeEach
    void requireChromium() {
        assumeTrue(
                browser != null,
                "needs chromium and chromedriver on the PATH (Debian: apt-get install chromium"
                        + " chromium-driver)");
    }

    @AfterAll
    static void stop() {
        if (browser != null) {
            browser.quit();
        }
        if (central != null) {
            central.close();
        }
    }

    private static Optional<Path> onPath(String name) {
        return Arrays.stream(System.getenv("PATH").split(File.pathSeparator, -1))
                .map(folder -> Path.of(folder, name))
                .filter(file -> file.toFile().canExecute())
                .findFirst();
    }

    private static void await(String what, Callable<Boolean> condition) throws Exception {
        Waiting.until(() -> what + "; the page shows: " + text("body"), condition);
    }

    private static String text(String selector) {
        List<WebElement> found = browser.findElements(By.cssSelector(selector));
        return found.isEmpty() ? "" : found.getFirst().getDomProperty("textContent");
    }

    private static int rows() {
        return browser.findElements(By.cssSelector(".record")).size();
    }

    private static void open(String hash) throws Exception {
        browser.get("about:blank");
        browser.get(central.address() + "/" + hash);
        await("no answer", () -> !text("#total").isEmpty());
    }

    @Test
    void showsHostileRecordsAsText() throws Exception {
        open("#q=txt.exe");
        await("the record", () -> rows() == 1);
        String line = text(".record .line");
        assertTrue(line.contains("<img src=x onerror="), line);
        assertTrue(line.contains("<script>document.title='owned'</script>"), line);
        assertTrue(line.contains(" red "), line);
        assertTrue(line.contains("⟨202e⟩"), line);
        assertEquals("txt.exe · Logs · Pillion", browser.getTitle());
        assertEquals(0, browser.findElements(By.cssSelector(".record img, .record script")).size());
    }

    @Test
    void foldsStackTracesAndOpensThemWithOneClick() throws Exception {
        open("#q=tea");
        await("the record", () -> rows() == 1);
        WebElement stack = browser.findElement(By.cssSelector(".stack"));
        assertTrue(!stack.isDisplayed());
        browser.findElement(By.cssSelector(".fold")).click();
        assertTrue(stack.isDisplayed());
        assertTrue(stack.getText().contains("Tea.brew"), stack.getText());
    }

    @Test
    void searchesByKeyboardAndKeepsItInTheUrl() throws Exception {
        open("");
        await("records", () -> rows() >= 3);
        browser.findElement(By.id("scroll")).sendKeys("/");
        browser.switchTo().activeElement().sendKeys("\"order 1\"", Keys.ENTER);
        await("one record", () -> rows() == 1);
        assertTrue(browser.getCurrentUrl().contains("q=%22order+1%22"), browser.getCurrentUrl());
        browser.findElement(By.id("scroll")).sendKeys("j", Keys.ENTER);
        await("details", () -> text(".details").contains("exception.stacktrace"));
        browser.navigate().back();
        await("all records", () -> rows() >= 3);
    }

    @Test
    void pointsAtAMistakeInTheQuery() throws Exception {
        open("");
        browser.findElement(By.id("query")).sendKeys("a AND (b", Keys.ENTER);
        await(
                "the problem",
                () -> text("#problem").equals("a AND (b\n      ^ this '(' has no ')'"));
    }

    @Test
    void foldsLongLinesUnlessWhatIsSoughtIsInTheFold() throws Exception {
        open("#q=beginning");
        await("the record", () -> rows() == 1);
        assertTrue(browser.findElement(By.cssSelector(".record")).getRect().height < 400);
        assertTrue(!browser.findElement(By.cssSelector(".rest")).isDisplayed());
        browser.findElement(By.cssSelector(".fold")).click();
        assertTrue(browser.findElement(By.cssSelector(".rest")).getText().endsWith("the ending"));
        open("#q=ending");
        await("the record", () -> rows() == 1);
        assertTrue(browser.findElement(By.cssSelector(".rest")).isDisplayed());
    }

    @Test
    void hasRoomForEverythingInANarrowWindow() throws Exception {
        Dimension before = browser.manage().window().getSize();
        browser.manage().window().setSize(new Dimension(500, 800));
        try {
            open("");
            await("records", () -> rows() >= 3);
            // Neither beside nor upon each other: all in the window, none over another.
            assertEquals(
                    List.of(),
                    browser.executeScript(
                            """
                            const shown = [...document.querySelectorAll(
                                "header :is(input, select, button), .record:first-child > :not(.mark)")]
                              .filter(one => one.offsetParent)
                              .map(one => ({ one, box: one.getBoundingClientRect() }));
                            const wrong = [];
                            for (const { one, box } of shown) {
                              if (box.left < 0 || box.right > innerWidth) wrong.push(one.outerHTML);
                              for (const other of shown) {
                                if (other.one !== one && box.left < other.box.right - 1
                                    && other.box.left < box.right - 1 && box.top < other.box.bottom - 1
                                    && other.box.top < box.bottom - 1) {
                                  wrong.push(one.outerHTML + " over " + other.one.outerHTML);
                                }
                              }
                            }
                            return wrong;
                            """));
        } finally {
            browser.manage().window().setSize(before);
        }
    }

    @Test
    void followsNewRecords() throws Exception {
        open("#live=1&q=fresh");
        await("live", () -> text("#end").startsWith("Nothing"));
        central.post(
                OtlpRequests.request(OtlpRequests.logs("", OtlpRequests.record("fresh fish"))),
                "Content-Type",
                "application/x-protobuf");
        await("the new record", () -> rows() == 1);
        assertTrue(Stream.of("fresh fish").allMatch(text(".record")::contains));
    }

    @Test
    void asksForATokenOnce() throws Exception {
        String token = "viewer-0123456789abcdef";
        Path tokens = Files.createDirectory(directory.resolve("tokens"));
        Files.writeString(tokens.resolve("ingest.all"), token);
        Files.writeString(tokens.resolve("read.viewer"), token);
        Files.writeString(tokens.resolve("oidc.client-secret"), TinyOpenIdProvider.SECRET);
        int port = RunningCentral.freePort();
        String[] sender = {
            "Content-Type", "application/x-protobuf", "Authorization", "Bearer " + token
        };
        try (TinyOpenIdProvider provider = new TinyOpenIdProvider();
                RunningCentral closed =
                        new RunningCentral(
                                directory.resolve("closed"),
                                "-Dserver.port=" + port,
                                "-Dcentral.access.oidc.issuer=" + provider.issuer(),
                                "-Dcentral.access.oidc.address=http://127.0.0.1:" + port,
                                "-Dcentral.access.tokens-directory=" + tokens)) {
            closed.post(
                    OtlpRequests.request(
                            OtlpRequests.logs("", OtlpRequests.record("behind a door"))),
                    sender);
            browser.get(closed.address() + "/#live=1");
            await(
                    "the login",
                    () -> !browser.findElements(By.cssSelector("#login[open]")).isEmpty());
            assertEquals(0, rows());
            browser.findElement(By.id("token")).sendKeys("not-the-token-0123456789", Keys.ENTER);
            await(
                    "the refusal",
                    () -> text("#login-problem").equals("this token is not valid here"));
            browser.findElement(By.id("token")).sendKeys(token, Keys.ENTER);
            await("the record", () -> rows() == 1);
            assertEquals(0, browser.findElements(By.cssSelector("#login[open]")).size());
            closed.post(
                    OtlpRequests.request(
                            OtlpRequests.logs("", OtlpRequests.record("through the door"))),
                    sender);
            await("the new record, live", () -> rows() == 2);
            browser.navigate().refresh();
            await("both, without asking again", () -> rows() == 2);
            assertEquals("", String.valueOf(browser.executeScript("return document.cookie")));
            browser.findElement(By.id("logout")).click();
            await(
                    "the login again",
                    () -> !browser.findElements(By.cssSelector("#login[open]")).isEmpty());
            browser.get("about:blank");
            browser.get(closed.address() + "/#q=through");
            await(
                    "the way to the provider",
                    () -> browser.findElement(By.id("sign-on")).isDisplayed());
            browser.findElement(By.id("sign-on")).click();
            await("what was asked for before signing on", () -> rows() == 1);
            assertEquals(closed.address() + "/#q=through", browser.getCurrentUrl());
            await(
                    "who is in",
                    () ->
                            "Logged in as ann@example.org"
                                    .equals(
                                            browser.findElement(By.id("logout"))
                                                    .getDomAttribute("title")));
        }
    }
}
