/** Regions of the standard partition that need no opt-in. */
const DEFAULT_REGIONS = [
  'ap-northeast-1',
  'ap-northeast-2',
  'ap-northeast-3',
  'ap-south-1',
  'ap-southeast-1',
  'ap-southeast-2',
  'ca-central-1',
  'eu-central-1',
  'eu-north-1',
  'eu-west-1',
  'eu-west-2',
  'eu-west-3',
  'sa-east-1',
  'us-east-1',
  'us-east-2',
  'us-west-1',
  'us-west-2',
] as const;

/** Regions that an account must opt in to. */
const OPT_IN_REGIONS = [
  'af-south-1',
  'ap-east-1',
  'ap-east-2',
  'ap-south-2',
  'ap-southeast-3',
  'ap-southeast-4',
  'ap-southeast-5',
  'ap-southeast-7',
  'ca-west-1',
  'eu-central-2',
  'eu-south-1',
  'eu-south-2',
  'il-central-1',
  'me-central-1',
  'me-south-1',
  'mx-central-1',
] as const;

/** A region as DescribeRegions shows it. */
export interface RegionInfo {
  readonly name: string;
  readonly optInStatus: 'opt-in-not-required' | 'not-opted-in';
}

/** All regions, those not opted in to last. */
export const REGIONS: readonly RegionInfo[] = [
  ...DEFAULT_REGIONS.map((name) => ({ name, optInStatus: 'opt-in-not-required' as const })),
  ...OPT_IN_REGIONS.map((name) => ({ name, optInStatus: 'not-opted-in' as const })),
];

const NAMES: ReadonlySet<string> = new Set(REGIONS.map(({ name }) => name));

/** True for a region that there is. */
export const isRegionName = (name: string): boolean => NAMES.has(name);
