package dev.pillion.ambassador.admin;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Response;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** The page, its style and its script, and what describes {@code /routes}, from the jar. */
@ApplicationScoped
@Path("/")
public class PageResource {

    private static final String POLICY =
            "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self';"
                    + " img-src 'self' data:; base-uri 'none'; form-action 'none';"
                    + " frame-ancestors 'none'";

    /** The routes as a page. */
    @GET
    public Response page() {
        return file("page.html", "text/html; charset=utf-8");
    }

    /** Its style. */
    @GET
    @Path("page.css")
    public Response style() {
        return file("page.css", "text/css; charset=utf-8");
    }

    /** Its script. */
    @GET
    @Path("page.js")
    public Response script() {
        return file("page.js", "text/javascript; charset=utf-8");
    }

    /** What {@code /routes} answers; written by hand, as one resource needs no generator. */
    @GET
    @Path("openapi")
    public Response description() {
        return file("openapi.yaml", "application/vnd.oai.openapi;charset=utf-8");
    }

    private static Response file(String name, String type) {
        try (InputStream in = PageResource.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException(name + " is not in the jar");
            }
            return Response.ok(in.readAllBytes(), type)
                    .header("Content-Security-Policy", POLICY)
                    .header("X-Content-Type-Options", "nosniff")
                    .header("Referrer-Policy", "no-referrer")
                    .header("Cache-Control", "no-cache")
                    .build();
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }
}
