/**
 * Rendered manifests as pods for real, under podman: no API server, no scheduler, but kernel
 * namespaces, images, limits, mounts and probes as a kubelet would make them of the same YAML.
 *
 * <p>In: what {@code kubectl kustomize} prints ({@link dev.pillion.launcher.pods.Rendering}). Out:
 * running pods ({@link dev.pillion.launcher.pods.RunningPods}), each with an address of its own and
 * its volumes below one folder. Blocking calls to podman, one virtual thread a pod while it starts;
 * whatever is waited for has a deadline.
 */
package dev.pillion.launcher.pods;
