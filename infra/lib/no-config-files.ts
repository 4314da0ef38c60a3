/**
 * Stands in for the module of the SDK that reads `~/.aws/config` and `~/.aws/credentials`, in the bundles of the
 * functions (see `bundle.ts`). A Lambda has no such files; looking for them costs two failed reads per client and
 * the loading of `node:fs/promises`.
 */
export const loadSharedConfigFiles = async () => ({ configFile: {}, credentialsFile: {} });

/** Another module of the SDK takes it from here. */
export const CONFIG_PREFIX_SEPARATOR = '.';
