/**
 * What {@code bench/speed} runs: the packed jar as its own process, fed with files made here and
 * answered by a far end that only counts. In: a case's name. Out: a line of figures.
 */
package dev.pillion.adapter.bench;
