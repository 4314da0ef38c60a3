import type { Region } from '@smart-vault/core';

/** Opens something once per region and gives the same one again: clients keep their connections. */
export function perRegion<T>(open: (region: Region) => T): (region: Region) => T {
  const opened = new Map<Region, T>();
  return (region) => {
    const known = opened.get(region);
    if (known !== undefined) return known;
    const fresh = open(region);
    opened.set(region, fresh);
    return fresh;
  };
}
