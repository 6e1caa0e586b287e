package dev.pillion.central.access;

/** What {@link Access} says about a request. */
public sealed interface Decision permits Grant, Denied {}
