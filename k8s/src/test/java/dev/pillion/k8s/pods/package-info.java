/**
 * The manifests as pods for real, under podman, by the same code as {@code ./up --pods}.
 *
 * <p>In: what {@code kubectl kustomize} prints of a folder. Out: running pods, asked over their
 * addresses. Classes may run side by side: each has a network of its own.
 *
 * @see dev.pillion.launcher.pods.RunningPods
 */
package dev.pillion.k8s.pods;
