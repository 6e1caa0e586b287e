/**
 * The preview: raw lines beside what is made of them. In: a request. Out: JSON and a page. On the
 * server's threads; bounded to the last 256 KiB of a file.
 */
package dev.pillion.adapter.show;
