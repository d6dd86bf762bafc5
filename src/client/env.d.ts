/** Trackers built into this deployment, set by the build; undefined or absent when the deployer chose none. */
declare const __TRACKERS__: readonly string[] | undefined;
/** Another one where what pages and nodes say to each other has changed; set by the build. */
declare const __CONTRACT__: string;
