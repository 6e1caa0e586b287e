package dev.pillion.legacy.store;

import jakarta.annotation.Priority;
import jakarta.enterprise.context.Dependent;
import jakarta.enterprise.inject.Alternative;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/** Points the application of a test at another database than the compiled-in one. */
@Alternative
@Priority(1)
@Dependent
class DatabaseElsewhere {

    @Produces
    @Singleton
    ConnectionPool connectionPool() {
        return new ConnectionPool(
                System.getProperty("test.database.url"),
                System.getProperty("test.database.user"),
                System.getProperty("test.database.password"));
    }
}
