/** What the set-up of a run tells its workers. */

interface Variable {
  get(): string;
  set(value: string): void;
}

const variable = (name: string): Variable => ({
  get() {
    const value = process.env[name];
    if (value === undefined) throw new Error(`${name} is not set: the global set-up has not run`);
    return value;
  },
  set(value) {
    process.env[name] = value;
  },
});

/** Port of the tracker that the build names. */
export const trackerPort = variable('TTX_E2E_TRACKER_PORT');
/** The build, relative to the repository. */
export const buildDirectory = variable('TTX_E2E_DIRECTORY');
