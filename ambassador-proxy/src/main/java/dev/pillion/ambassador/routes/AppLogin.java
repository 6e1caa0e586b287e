package dev.pillion.ambassador.routes;

/**
 * The login compiled into the application, where it has to prove that it knows it.
 *
 * @param user as the application's startup packet names it
 * @param password proven by SCRAM-SHA-256, never sent
 */
public record AppLogin(String user, Secret password) {}
