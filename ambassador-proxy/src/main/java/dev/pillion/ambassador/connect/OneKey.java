package dev.pillion.ambassador.connect;

import java.net.Socket;
import java.security.KeyStore;
import java.security.KeyStoreException;
import java.security.NoSuchAlgorithmException;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.UnrecoverableKeyException;
import java.security.cert.X509Certificate;
import java.util.Arrays;

import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;

/**
 * The one certificate that was configured, shown to whoever asks for one. The JDK's own choice
 * shows none if the peer does not name its issuer, which many do not. Immutable.
 */
final class OneKey extends X509ExtendedKeyManager {

    private static final String ALIAS = "own";

    private final PrivateKey key;
    private final X509Certificate[] chain;

    /**
     * @param store holds one key, without a password
     */
    OneKey(KeyStore store)
            throws KeyStoreException, NoSuchAlgorithmException, UnrecoverableKeyException {
        String alias = store.aliases().nextElement();
        this.key = (PrivateKey) store.getKey(alias, new char[0]);
        this.chain =
                Arrays.stream(store.getCertificateChain(alias))
                        .map(X509Certificate.class::cast)
                        .toArray(X509Certificate[]::new);
    }

    @Override
    public String chooseEngineClientAlias(String[] types, Principal[] issuers, SSLEngine engine) {
        return chooseClientAlias(types, issuers, null);
    }

    @Override
    public String chooseEngineServerAlias(String type, Principal[] issuers, SSLEngine engine) {
        return chooseServerAlias(type, issuers, null);
    }

    @Override
    public String chooseClientAlias(String[] types, Principal[] issuers, Socket socket) {
        return Arrays.stream(types).anyMatch(this::fits) ? ALIAS : null;
    }

    @Override
    public String chooseServerAlias(String type, Principal[] issuers, Socket socket) {
        return fits(type) ? ALIAS : null;
    }

    @Override
    public X509Certificate[] getCertificateChain(String alias) {
        return chain.clone();
    }

    @Override
    public PrivateKey getPrivateKey(String alias) {
        return key;
    }

    @Override
    public String[] getClientAliases(String type, Principal[] issuers) {
        return fits(type) ? new String[] {ALIAS} : null;
    }

    @Override
    public String[] getServerAliases(String type, Principal[] issuers) {
        return fits(type) ? new String[] {ALIAS} : null;
    }

    private boolean fits(String type) {
        return type.equals(key.getAlgorithm());
    }
}
