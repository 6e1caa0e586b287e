/**
 * Tells a file's dialect from its first lines: known structures by name, any other header grammar
 * by inference, compiled to a matcher over bytes. In: up to 128 KiB of a file. Out: a {@link
 * dev.pillion.adapter.detect.Dialect}, used for all its lines. No threads of its own.
 */
package dev.pillion.adapter.detect;
