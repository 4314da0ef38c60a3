import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { AppError } from '@smart-vault/core';
import { type Fleet, parseFleet } from '../ec2/fleet.ts';

const SAMPLE = {
  fleet: fileURLToPath(new URL('../../fleets/sample-instances.json', import.meta.url)),
  volumes: fileURLToPath(new URL('../../fleets/sample-volumes.json', import.meta.url)),
};

/**
 * Reads the fleet from files, or the sample fleet.
 * @throws AppError `INVALID` that names the file, the place in it and what is allowed
 */
export function loadFleet(files: { fleet?: string; volumes?: string }, region: string): Fleet {
  const { fleet, volumes } =
    files.fleet === undefined ? SAMPLE : { fleet: files.fleet, volumes: files.volumes };
  const instances = textOf(fleet, 'describe-instances');
  const disks = volumes === undefined ? undefined : textOf(volumes, 'describe-volumes');
  let parsed: Fleet;
  try {
    parsed = parseFleet({ instances, region, ...(disks === undefined ? {} : { volumes: disks }) });
  } catch (error) {
    const names = volumes === undefined ? fleet : `${fleet} and ${volumes}`;
    throw new AppError('INVALID', `the fleet in ${names} cannot be read: ${messageOf(error)}`, {
      cause: error,
    });
  }
  if (parsed.instances.length === 0) throw new AppError('INVALID', `${fleet} holds no instances`);
  return parsed;
}

function textOf(path: string, command: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const text = `cannot read ${path}: ${messageOf(error)}; make one with: aws ec2 ${command} > ${path}`;
    throw new AppError('INVALID', text, { cause: error });
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
