/**
 * Holds the manifests to what they promise, without a cluster: every kustomization is built by
 * every kubectl on this machine, parsed strictly into Kubernetes' own types, and checked against
 * the rules of Pod Security "restricted" and of the linters, and against the modules themselves.
 *
 * <p>In: the folder {@code k8s/}. Out: a failure that names the folder, the object and the
 * container. One test thread; a build is a child process that ends within a minute.
 */
package dev.pillion.k8s.manifests;
