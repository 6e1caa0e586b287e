package dev.pillion.legacy.partner;

import jakarta.annotation.Priority;
import jakarta.enterprise.context.Dependent;
import jakarta.enterprise.inject.Alternative;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

import java.net.URI;

/** Points the application of a test at another partner than the compiled-in one. */
@Alternative
@Priority(1)
@Dependent
class PartnerElsewhere {

    @Produces
    @Singleton
    PartnerClient partnerClient() {
        return new PartnerClient(URI.create(System.getProperty("test.partner")));
    }
}
