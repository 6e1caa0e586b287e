package dev.pillion.central.store;

import dev.pillion.central.head.Rows;
import dev.pillion.central.ingest.Otlp;

import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;

/**
 * A condition made ready to decide: of one record by {@link #test}, of a chunk's columns by {@link
 * ColumnScan}. Used by the one thread of its query.
 */
sealed interface Matcher {

    record Everything() implements Matcher {}

    record Severity(int low, int high) implements Matcher {}

    /**
     * A test of the values of a field.
     *
     * @param field the name, empty for anywhere
     * @param name the same as UTF-8
     */
    @SuppressWarnings("ArrayRecordComponent") // Never compared.
    record Field(String field, byte[] name, FieldTest test) implements Matcher {}

    record Not(Matcher part) implements Matcher {}

    record And(List<Matcher> parts) implements Matcher {}

    record Or(List<Matcher> parts) implements Matcher {}

    /**
     * @param deadline asked now and then by what may take long
     */
    static Matcher of(Condition condition, Deadline deadline) {
        return switch (condition) {
            case Condition.Everything _ -> new Everything();
            case Condition.Severity severity -> new Severity(severity.low(), severity.high());
            case Condition.Text text -> field(text.field(), FieldTest.of(text, deadline));
            case Condition.Regex regex ->
                    field(regex.field(), new FieldTest.Regex(regex, deadline));
            case Condition.Exact exact -> field(exact.field(), new FieldTest.Exact(exact.value()));
            case Condition.Range range -> field(range.field(), new FieldTest.Range(range));
            case Condition.Exists exists -> field(exists.field(), new FieldTest.Anything());
            case Condition.Not not -> new Not(of(not.part(), deadline));
            case Condition.And and ->
                    new And(
                            and.parts().stream()
                                    .map(part -> of(part, deadline))
                                    // What costs little leaves less to what costs much.
                                    .sorted(
                                            Comparator.comparing(
                                                    part -> !(part instanceof Severity)))
                                    .toList());
            case Condition.Or or ->
                    new Or(or.parts().stream().map(part -> of(part, deadline)).toList());
        };
    }

    private static Matcher field(String field, FieldTest test) {
        return new Field(field, field.getBytes(StandardCharsets.UTF_8), test);
    }

    default boolean test(Rows rows, int row) {
        return switch (this) {
            case Everything _ -> true;
            case Severity severity ->
                    rows.severities()[row] >= severity.low()
                            && rows.severities()[row] <= severity.high();
            case Field anywhere when anywhere.field().isEmpty() ->
                    Values.anywhere(rows, row, anywhere.test());
            case Field(String field, byte[] name, FieldTest test) ->
                    Values.named(rows, row, field, name, test)
                            || Values.ofOrigin(
                                    rows.scopes()[rows.scope()[row]],
                                    Otlp.SCOPE_ATTRIBUTES,
                                    name,
                                    test)
                            || Values.ofOrigin(
                                    rows.resource(), Otlp.RESOURCE_ATTRIBUTES, name, test);
            case Not not -> !not.part().test(rows, row);
            case And and -> {
                for (Matcher part : and.parts()) {
                    if (!part.test(rows, row)) {
                        yield false;
                    }
                }
                yield true;
            }
            case Or or -> {
                for (Matcher part : or.parts()) {
                    if (part.test(rows, row)) {
                        yield true;
                    }
                }
                yield false;
            }
        };
    }
}
