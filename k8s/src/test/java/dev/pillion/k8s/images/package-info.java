/**
 * The images and what they are made of: {@code build-images}, {@code footprint}, the bills of
 * materials. In: the scripts and what {@code mvn package} left in the modules.
 */
package dev.pillion.k8s.images;
