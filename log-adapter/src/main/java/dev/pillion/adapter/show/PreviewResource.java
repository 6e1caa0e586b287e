package dev.pillion.adapter.show;

import dev.pillion.adapter.Service;
import dev.pillion.adapter.tail.TailedFile;

import jakarta.inject.Inject;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;

import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.Optional;

/** The preview page and what it shows. */
@Path("/")
public class PreviewResource {

    private static final Map<String, String> TYPES =
            Map.of(
                    "preview.html", "text/html;charset=utf-8",
                    "export.html", "text/html;charset=utf-8",
                    "export.css", "text/css;charset=utf-8",
                    "export.mjs", "text/javascript;charset=utf-8",
                    "preview.css", "text/css;charset=utf-8",
                    "preview.mjs", "text/javascript;charset=utf-8");

    private final Service service;

    @Inject
    public PreviewResource(Service service) {
        this.service = service;
    }

    /** The page. */
    @GET
    @Produces(MediaType.TEXT_HTML)
    public Response page() throws IOException {
        return asset(service.exporting() ? "export.html" : "preview.html");
    }

    /** Its style and script. */
    @GET
    @Path("{name:preview\\.css|preview\\.mjs|export\\.css|export\\.mjs}")
    public Response asset(@PathParam("name") String name) throws IOException {
        try (InputStream in = PreviewResource.class.getResourceAsStream("/web/" + name)) {
            if (in == null) {
                return Response.status(404).build();
            }
            return Response.ok(in.readAllBytes())
                    .type(TYPES.get(name))
                    .header(
                            "Content-Security-Policy",
                            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src"
                                    + " 'self'; img-src 'self' data:; base-uri 'none';"
                                    + " form-action 'none'; frame-ancestors 'none'")
                    .header("X-Content-Type-Options", "nosniff")
                    .header("Referrer-Policy", "no-referrer")
                    .header("Cache-Control", "no-cache")
                    .build();
        }
    }

    /**
     * The last records of a file, raw and parsed, secrets masked.
     *
     * @param path of a file that {@code /files} lists
     * @param limit most records, up to 500
     */
    @GET
    @Path("api/preview")
    @Produces(MediaType.APPLICATION_JSON)
    public Response preview(
            @QueryParam("path") String path, @QueryParam("limit") @DefaultValue("100") int limit)
            throws IOException {
        Optional<TailedFile> file =
                service.adapter().tailer().files().stream()
                        .filter(f -> f.path().toString().equals(path))
                        .findFirst();
        if (file.isEmpty()) {
            return Response.status(404)
                    .entity("{\"error\":\"no such file is read; see /files\"}")
                    .build();
        }
        Preview preview = new Preview(service.adapter().settings(), service.adapter().redactor());
        return Response.ok(preview.json(file.get(), Math.max(1, Math.min(500, limit)))).build();
    }
}
