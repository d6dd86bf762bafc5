/** What the set-up of a run tells its workers: each has a build of its own, whose tracker is nobody else's. */

interface Variable {
  get(): string;
  /** @param worker its index among those that run at the same time */
  set(worker: number, value: string): void;
}

const variable = (name: string): Variable => ({
  get() {
    const value = process.env[`${name}_${process.env.TEST_PARALLEL_INDEX}`];
    if (value === undefined) throw new Error(`${name} is not set: the global set-up has not run`);
    return value;
  },
  set(worker, value) {
    process.env[`${name}_${worker}`] = value;
  },
});

/** Port of the tracker that the build names. */
export const trackerPort = variable('TTX_E2E_TRACKER_PORT');
/** The build, relative to the repository. */
export const buildDirectory = variable('TTX_E2E_DIRECTORY');
