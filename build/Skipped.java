import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;

/**
 * Says at the end of a build which tests did not run and why, one line each, and how many ran: from
 * the reports that Surefire and Failsafe left in every module.
 *
 * <p>Argument: the root folder.
 */
public class Skipped {

    private int run;
    private final List<String> skipped = new ArrayList<>();

    void main(String[] args) throws IOException, SAXException, ParserConfigurationException {
        Path root = Path.of(args[0]);
        for (Path report : reports(root)) {
            count(root.relativize(report).getName(0).toString(), report);
        }
        skipped.forEach(System.out::println);
        System.out.printf("Tests: %d passed, %d skipped%n", run, skipped.size());
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
        NodeList cases =
                DocumentBuilderFactory.newInstance()
                        .newDocumentBuilder()
                        .parse(report.toFile())
                        .getElementsByTagName("testcase");
        for (int i = 0; i < cases.getLength(); i++) {
            Element test = (Element) cases.item(i);
            NodeList reasons = test.getElementsByTagName("skipped");
            if (reasons.getLength() == 0) {
                run++;
                continue;
            }
            String name = test.getAttribute("classname").replaceAll(".*\\.", "");
            String reason = ((Element) reasons.item(0)).getAttribute("message");
            skipped.add(
                    "skipped: %s %s.%s: %s"
                            .formatted(
                                    module,
                                    name,
                                    test.getAttribute("name"),
                                    reason.replaceFirst("^Assumption failed: ", "")));
        }
    }
}
