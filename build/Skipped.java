import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;

/**
 * Says at the end of a build which tests did not run and why, one line a class and reason, and how
 * many ran: from the reports that Surefire and Failsafe left in every module.
 *
 * <p>Argument: the root folder.
 */
public class Skipped {

    private int run;
    private int skipped;

    /** How many tests of a class were skipped for a reason, by the line that says so. */
    private final Map<String, Integer> reasons = new LinkedHashMap<>();

    void main(String[] args) throws IOException, SAXException, ParserConfigurationException {
        Path root = Path.of(args[0]);
        for (Path report : reports(root)) {
            count(root.relativize(report).getName(0).toString(), report);
        }
        reasons.forEach((line, count) -> System.out.println(line.formatted(count)));
        System.out.printf("Tests: %d passed, %d skipped%n", run, skipped);
    }

    private static List<Path> reports(Path root) throws IOException {
        try (Stream<Path> files = Files.walk(root, 4)) {
            return files.filter(file -> file.getFileName().toString().matches("TEST-.*\\.xml"))
                    .filter(file -> file.getParent().getFileName().toString().endsWith("-reports"))
                    .sorted()
                    .toList();
        }
    }

    private void count(String module, Path report)
            throws IOException, SAXException, ParserConfigurationException {
        Element suite =
                DocumentBuilderFactory.newInstance()
                        .newDocumentBuilder()
                        .parse(report.toFile())
                        .getDocumentElement();
        String name = suite.getAttribute("name").replaceAll(".*\\.", "");
        NodeList cases = suite.getElementsByTagName("testcase");
        if (cases.getLength() == 0) {
            skip(module, name, "given up before its first test");
        }
        for (int i = 0; i < cases.getLength(); i++) {
            NodeList skips = ((Element) cases.item(i)).getElementsByTagName("skipped");
            if (skips.getLength() == 0) {
                run++;
            } else {
                skip(module, name, reason((Element) skips.item(0)));
            }
        }
    }

    private void skip(String module, String name, String reason) {
        skipped++;
        String line = "skipped: " + module + " " + name + " (%d): " + reason.replace("%", "%%");
        reasons.merge(line, 1, Integer::sum);
    }

    /** An assumption's message is the first line of its trace. */
    private static String reason(Element skip) {
        String text = skip.getAttribute("message");
        if (text.isEmpty()) {
            text = skip.getTextContent().strip().lines().findFirst().orElse("no reason given");
        }
        return text.replaceFirst("^[\\w.]*TestAbortedException: ", "")
                .replaceFirst("^Assumption failed: ", "");
    }
}
