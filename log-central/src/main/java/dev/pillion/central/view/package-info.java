/**
 * The page on which people read logs: plain HTML, CSS and modules out of the jar. In: nothing but
 * the reading API. Out: text; nothing a record holds is ever markup. Next: {@link
 * dev.pillion.central.admin}.
 */
package dev.pillion.central.view;
