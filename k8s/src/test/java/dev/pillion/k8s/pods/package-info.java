/**
 * The rendered manifests as pods for real, under podman: no API server, no scheduler, but kernel
 * namespaces, images, limits, mounts and probes as a kubelet would make them of the same YAML.
 *
 * <p>In: what {@code kubectl kustomize} prints. Out: running pods, each with an address of its own.
 * Blocking calls to podman; whatever is waited for has a deadline.
 */
package dev.pillion.k8s.pods;
