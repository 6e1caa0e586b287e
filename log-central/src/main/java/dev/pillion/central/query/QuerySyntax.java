package dev.pillion.central.query;

/** A query that cannot be understood, with the place where. */
public final class QuerySyntax extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final int column;

    /**
     * @param column the first character that is wrong, counted from 1
     */
    public QuerySyntax(String message, int column) {
        super(message, null, false, false);
        this.column = column;
    }

    public int column() {
        return column;
    }
}
