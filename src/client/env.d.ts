/** Trackers built into this deployment, set by the build; undefined or absent when the deployer chose none. */
declare const __TRACKERS__: readonly string[] | undefined;
