/**
 * ConfigMaps and Secrets without Kubernetes: folders that a person edits, mounted as kubelet mounts
 * them.
 *
 * <p>In: a folder with one file a key. Out: a directory whose keys change all at once by a rename
 * of {@code ..data}. One virtual thread a {@link dev.pillion.launcher.mount.Kubelet}; keys are read
 * whole, as a ConfigMap's total of 1 MiB allows.
 */
package dev.pillion.launcher.mount;
