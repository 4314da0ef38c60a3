import { Ec2Error, invalidValue, missing } from './errors.ts';

type Range = readonly [number, number];
interface Limits {
  readonly sizeGiB: Range;
  /** Absent: the type has no IOPS to set. */
  readonly iops?: Range;
  /** IOPS above the least number need this much room. */
  readonly iopsPerGiB?: number;
  readonly defaultIops?: number;
  /** MiB per second; absent: the type has none to set. */
  readonly throughput?: Range;
}

/** @see https://docs.aws.amazon.com/ebs/latest/userguide/ebs-volume-types.html */
const LIMITS: Readonly<Record<string, Limits>> = {
  gp2: { sizeGiB: [1, 16_384] },
  gp3: {
    sizeGiB: [1, 65_536],
    iops: [3000, 80_000],
    iopsPerGiB: 500,
    defaultIops: 3000,
    throughput: [125, 2000],
  },
  io1: { sizeGiB: [4, 16_384], iops: [100, 64_000], iopsPerGiB: 50 },
  io2: { sizeGiB: [4, 65_536], iops: [100, 256_000], iopsPerGiB: 1000 },
  st1: { sizeGiB: [125, 16_384] },
  sc1: { sizeGiB: [125, 16_384] },
  standard: { sizeGiB: [1, 1024] },
};
/** MiB per second for each of the IOPS of a gp3 volume. */
const THROUGHPUT_PER_IOPS = 0.25;

/** What a volume shall be like. */
export interface Performance {
  readonly volumeType: string;
  readonly sizeGiB: number;
  readonly iops?: number | undefined;
  /** MiB per second. */
  readonly throughput?: number | undefined;
}

/**
 * What the volume will have: with the type's defaults for what was not given.
 * @throws Ec2Error for an unknown type, and for values outside the type's limits
 */
export function checkPerformance(wish: Performance): Performance {
  const { volumeType, sizeGiB } = wish;
  const limits = Object.hasOwn(LIMITS, volumeType) ? LIMITS[volumeType] : undefined;
  if (limits === undefined)
    throw new Ec2Error('UnknownVolumeType', `Unsupported volume type '${volumeType}' for volume creation.`);
  const [least, most] = limits.sizeGiB;
  const of = `for volume type ${volumeType}`;
  if (sizeGiB < least)
    throw invalidValue(`Volume of ${sizeGiB}GiB is too small ${of}; minimum is ${least}GiB.`);
  if (sizeGiB > most)
    throw invalidValue(`Volume of ${sizeGiB}GiB is too large ${of}; maximum is ${most}GiB.`);
  const iops = checkIops(wish, limits);
  return { volumeType, sizeGiB, iops, throughput: checkThroughput(wish, limits, iops) };
}

function checkIops({ volumeType, sizeGiB, iops }: Performance, limits: Limits): number | undefined {
  if (limits.iops === undefined) {
    if (iops !== undefined) throw unsupported('iops', volumeType);
    return volumeType === 'gp2' ? Math.min(16_000, Math.max(100, 3 * sizeGiB)) : undefined;
  }
  const value = iops ?? limits.defaultIops;
  if (value === undefined) throw missing(`iops for ${volumeType} volumes`);
  const [least, most] = limits.iops;
  if (value < least) throw invalidValue(`Volume iops of ${value} is too low; minimum is ${least}.`);
  if (value > most) throw invalidValue(`Volume iops of ${value} is too high; maximum is ${most}.`);
  const ratio = limits.iopsPerGiB ?? 1;
  if (value > least && value / sizeGiB > ratio) {
    throw combination(
      `Iops to volume size ratio of ${(value / sizeGiB).toFixed(6)} is too high; maximum is ${ratio}`,
    );
  }
  return value;
}

function checkThroughput(
  { volumeType, throughput }: Performance,
  limits: Limits,
  iops: number | undefined,
): number | undefined {
  if (limits.throughput === undefined) {
    if (throughput !== undefined) throw unsupported('throughput', volumeType);
    return undefined;
  }
  const [least, most] = limits.throughput;
  const value = throughput ?? least;
  if (value < least)
    throw invalidValue(`Throughput of ${value} MiBps is too low; minimum is ${least} MiBps.`);
  if (value > most) throw invalidValue(`Throughput of ${value} MiBps is too high; maximum is ${most} MiBps.`);
  const ratio = value / (iops ?? least);
  if (ratio > THROUGHPUT_PER_IOPS) {
    throw combination(
      `Throughput (MiBps) to iops ratio of ${ratio.toFixed(6)} is too high; maximum is ${THROUGHPUT_PER_IOPS.toFixed(6)} MiBps per iops.`,
    );
  }
  return value;
}

const combination = (message: string): Ec2Error => new Ec2Error('InvalidParameterCombination', message);
const unsupported = (parameter: string, volumeType: string): Ec2Error =>
  combination(`The parameter ${parameter} is not supported for ${volumeType} volumes.`);
