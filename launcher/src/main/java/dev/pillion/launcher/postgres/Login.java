package dev.pillion.launcher.postgres;

/**
 * Who may log in, and to what.
 *
 * @param user the role's name
 * @param password its password
 * @param database the database it owns
 */
public record Login(String user, String password, String database) {

    /** Never the password. */
    @Override
    public String toString() {
        return user + "@" + database;
    }
}
