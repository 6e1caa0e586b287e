package dev.pillion.central.access;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * Who may come in.
 *
 * @param tokensDirectory folder of the tokens' files; may be absent
 * @param open whether others than this machine may come without a token while there are none
 * @param session how long a login of the viewer lasts
 * @param audit whether each read is told in the log
 * @param userHeader header in which a proxy in front names the user, for the audit; empty is none
 * @param clientBytes bytes a second that one client may send
 * @param clientRequests requests a second with which one client may read
 * @param signOn single sign-on for readers, if there is any
 */
public record AccessSettings(
        Path tokensDirectory,
        boolean open,
        Duration session,
        boolean audit,
        String userHeader,
        long clientBytes,
        int clientRequests,
        Optional<SignOnSettings> signOn) {}
