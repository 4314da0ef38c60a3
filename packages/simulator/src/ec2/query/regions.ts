import type { ZoneInfo } from '../describe-others.ts';
import type { Action } from './action.ts';
import { element, list } from './xml.ts';

/** DescribeRegions. */
export const describeRegions: Action = (api, form) => {
  const regions = api.describeRegions({
    names: form.list('RegionName'),
    all: form.flag('AllRegions') ?? false,
    filters: form.filters(),
    dryRun: form.flag('DryRun') ?? false,
  });
  return list(
    'regionInfo',
    regions,
    ({ name, optInStatus }) =>
      element('regionName', name) +
      element('regionEndpoint', `ec2.${name}.amazonaws.com`) +
      element('optInStatus', optInStatus),
  );
};

/** DescribeAvailabilityZones. */
export const describeAvailabilityZones: Action = (api, form) => {
  const zones = api.describeAvailabilityZones({
    names: form.list('ZoneName'),
    zoneIds: form.list('ZoneId'),
    filters: form.filters(),
    dryRun: form.flag('DryRun') ?? false,
  });
  return list('availabilityZoneInfo', zones, zoneXml);
};

function zoneXml({ name, zoneId, region }: ZoneInfo): string {
  return (
    element('zoneName', name) +
    element('zoneState', 'available') +
    element('regionName', region) +
    element('zoneId', zoneId) +
    element('groupName', `${region}-zg-1`) +
    element('networkBorderGroup', region) +
    element('zoneType', 'availability-zone') +
    element('optInStatus', 'opt-in-not-required') +
    '<messageSet/>'
  );
}
