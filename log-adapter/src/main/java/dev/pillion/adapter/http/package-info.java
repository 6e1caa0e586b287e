/**
 * HTTP/1.1 connections to the pages, the API and raw files. In: Helidon's connections. Out: the
 * same, ended when their clients keep them waiting longer than server.idle-connection-timeout. Each
 * on a virtual thread of its own, and one look at all of them four times a second.
 */
package dev.pillion.adapter.http;
