/**
 * The reading API. In: HTTP requests with a query in the language people know from Lucene. Out:
 * records as JSON, NDJSON, CSV or OTLP; counts; values. Runs on the virtual thread of the request.
 * Bounded by {@link dev.pillion.central.query.QueryLimits}. Next: {@link dev.pillion.central.tail}.
 */
package dev.pillion.central.query;
