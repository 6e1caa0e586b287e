package dev.pillion.central.store;

import dev.pillion.central.ingest.Origin;
import dev.pillion.central.ingest.Otlp;
import dev.pillion.central.regex.Needle;
import dev.pillion.central.regex.Occurrences;

import java.util.BitSet;
import java.util.List;
import java.util.function.Predicate;

/**
 * Decides of all records of a chunk at once, column by column: a text is looked for in a whole
 * column rather than in each record, and a value that comes again and again is tested once. Gives
 * what {@link Matcher#test} gives record by record.
 */
final class ColumnScan {

    /** With fewer rows than one in so many, rows are tested one by one. */
    private static final int FEW = 8;

    private final ColumnsReader chunk;

    ColumnScan(ColumnsReader chunk) {
        this.chunk = chunk;
    }

    /** Clears from these rows those that do not match. */
    void retain(BitSet among, Matcher matcher) {
        switch (matcher) {
            case Matcher.Everything _ -> {}
            case Matcher.Severity(int low, int high) -> {
                byte[] severities = chunk.severities();
                for (int row = among.nextSetBit(0); row >= 0; row = among.nextSetBit(row + 1)) {
                    if (severities[row] < low || severities[row] > high) {
                        among.clear(row);
                    }
                }
            }
            case Matcher.Field field -> among.and(field(among, field));
            case Matcher.Not(Matcher part) -> {
                BitSet not = (BitSet) among.clone();
                retain(not, part);
                among.andNot(not);
            }
            case Matcher.And(List<Matcher> parts) -> {
                for (Matcher part : parts) {
                    if (!among.isEmpty()) {
                        retain(among, part);
                    }
                }
            }
            case Matcher.Or(List<Matcher> parts) -> {
                BitSet rest = (BitSet) among.clone();
                for (Matcher part : parts) {
                    BitSet hits = (BitSet) rest.clone();
                    retain(hits, part);
                    rest.andNot(hits);
                }
                among.andNot(rest);
            }
        }
    }

    private BitSet field(BitSet among, Matcher.Field matcher) {
        String field = matcher.field();
        FieldTest test = matcher.test();
        BitSet hits = new BitSet(chunk.count());
        if (field.isEmpty()) {
            for (int i = 0; i < chunk.columnCount(); i++) {
                if (chunk.description(i).kind.isBytes()) {
                    Column column = chunk.column(i);
                    column(i, among, hits, test, entry -> column.anywhere(entry, test));
                }
            }
            scopes(among, hits, scope -> Values.scopeName(scope, test));
            return hits;
        }
        byte[] name = matcher.name();
        if (Values.ofOrigin(chunk.resource(), Otlp.RESOURCE_ATTRIBUTES, name, test)) {
            hits.or(among);
            return hits;
        }
        scopes(
                among,
                hits,
                scope ->
                        (Values.isScopeName(field) && Values.scopeName(scope, test))
                                || Values.ofOrigin(scope, Otlp.SCOPE_ATTRIBUTES, name, test));
        if (Values.isScopeName(field)) {
            return hits;
        }
        if (Values.isSeverityNumber(field)) {
            rows(among, hits, row -> test.whole(chunk.severities()[row]));
            return hits;
        }
        for (int i = 0; i < chunk.columnCount(); i++) {
            if (chunk.description(i).mayHold(field, name)) {
                Column column = chunk.column(i);
                column(i, among, hits, test, entry -> column.named(entry, field, name, test));
            }
        }
        return hits;
    }

    private interface RowTest {
        boolean test(int row);
    }

    private static void rows(BitSet among, BitSet hits, RowTest test) {
        for (int row = among.nextSetBit(0); row >= 0; row = among.nextSetBit(row + 1)) {
            if (!hits.get(row) && test.test(row)) {
                hits.set(row);
            }
        }
    }

    private void scopes(BitSet among, BitSet hits, Predicate<Origin> test) {
        Origin[] scopes = chunk.scopes();
        boolean[] matches = new boolean[scopes.length];
        boolean any = false;
        for (int i = 0; i < scopes.length; i++) {
            matches[i] = test.test(scopes[i]);
            any |= matches[i];
        }
        if (any) {
            rows(among, hits, row -> matches[chunk.scope()[row]]);
        }
    }

    private interface EntryTest {
        boolean test(int entry);
    }

    private void column(int i, BitSet among, BitSet hits, FieldTest test, EntryTest entryTest) {
        Column column = chunk.column(i);
        int[] rowOfCell = chunk.rowsOf(i);
        if (column.entryOfCell != null) {
            boolean[] matches = new boolean[column.entries()];
            boolean any = false;
            for (int entry = 0; entry < matches.length; entry++) {
                matches[entry] = entryTest.test(entry);
                any |= matches[entry];
            }
            if (any) {
                cells(column, rowOfCell, among, hits, cell -> matches[column.entry(cell)]);
            }
            return;
        }
        boolean text =
                column.kind == Column.Kind.TEXT_BODY || column.kind == Column.Kind.TEXT_ATTRIBUTE;
        if (text && test.needle().length() > 0 && among.cardinality() > column.cells / FEW) {
            wholeColumn(column, rowOfCell, among, hits, test);
        } else {
            cells(column, rowOfCell, among, hits, entryTest);
        }
    }

    private static void cells(
            Column column, int[] rowOfCell, BitSet among, BitSet hits, EntryTest test) {
        if (rowOfCell == null) {
            rows(among, hits, test::test);
            return;
        }
        for (int cell = 0; cell < column.cells; cell++) {
            int row = rowOfCell[cell];
            if (among.get(row) && !hits.get(row) && test.test(cell)) {
                hits.set(row);
            }
        }
    }

    /** Looks for the needle in all cells' bytes at once and tests the cells that have it. */
    private static void wholeColumn(
            Column column, int[] rowOfCell, BitSet among, BitSet hits, FieldTest test) {
        Needle needle = test.needle();
        int[] offsets = column.offsets;
        int end = offsets[column.cells];
        int cell = 0;
        Occurrences occurrences = needle.in(column.bytes, offsets[0], end);
        int at = occurrences.next(offsets[0]);
        while (at >= 0) {
            while (offsets[cell + 1] <= at) {
                cell++;
            }
            int next = offsets[cell + 1];
            if (at + needle.length() > next) {
                // It only seems to occur, across the bound of two cells.
                at = occurrences.next(at + 1);
                continue;
            }
            int row = rowOfCell == null ? cell : rowOfCell[cell];
            if (among.get(row)
                    && !hits.get(row)
                    && test.textWithNeedle(column.bytes, offsets[cell], next, occurrences)) {
                hits.set(row);
            }
            at = occurrences.next(next);
        }
    }
}
