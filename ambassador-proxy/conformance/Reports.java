import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;

import javax.xml.parsers.DocumentBuilderFactory;

/**
 * Prints a line for each test of Surefire's reports: its name and ok, failed or skipped; sorted.
 */
class Reports {
    public static void main(String[] folder) throws Exception {
        TreeSet<String> lines = new TreeSet<>();
        List<Path> reports;
        try (Stream<Path> files = Files.list(Path.of(folder[0]))) {
            reports = files.filter(f -> f.toString().endsWith(".xml")).toList();
        }
        for (Path report : reports) {
            NodeList cases =
                    DocumentBuilderFactory.newInstance()
                            .newDocumentBuilder()
                            .parse(report.toFile())
                            .getElementsByTagName("testcase");
            for (int i = 0; i < cases.getLength(); i++) {
                Element test = (Element) cases.item(i);
                boolean failed =
                        test.getElementsByTagName("failure").getLength()
                                        + test.getElementsByTagName("error").getLength()
                                > 0;
                boolean skipped = test.getElementsByTagName("skipped").getLength() > 0;
                lines.add(
                        test.getAttribute("classname")
                                + "."
                                + test.getAttribute("name").replaceAll("\\s+", " ")
                                + (failed ? " failed" : skipped ? " skipped" : " ok"));
            }
        }
        lines.forEach(System.out::println);
    }
}
