import type { Json, JsonObject } from '../types.ts';
import { block, element, list } from './xml.ts';

/** How the members of one structure are called in XML, where that is not the name with a small first letter. */
interface Shape {
  readonly names: Readonly<Record<string, string>>;
  readonly shapes: Readonly<Record<string, Shape>>;
}

const PLAIN: Shape = { names: {}, shapes: {} };
const PRODUCT_CODE: Shape = { names: { ProductCodeId: 'productCode', ProductCodeType: 'type' }, shapes: {} };
const INTERFACE: Shape = {
  names: {
    Groups: 'groupSet',
    Ipv6Addresses: 'ipv6AddressesSet',
    PrivateIpAddresses: 'privateIpAddressesSet',
    Ipv4Prefixes: 'ipv4PrefixSet',
    Ipv6Prefixes: 'ipv6PrefixSet',
  },
  shapes: {},
};

/** Instances; the names are those of the EC2 API's model. */
export const INSTANCE_SHAPE: Shape = {
  names: {
    ElasticGpuAssociations: 'elasticGpuAssociationSet',
    ElasticInferenceAcceleratorAssociations: 'elasticInferenceAcceleratorAssociationSet',
    NetworkInterfaces: 'networkInterfaceSet',
    SecurityGroups: 'groupSet',
    Licenses: 'licenseSet',
    SecondaryInterfaces: 'secondaryInterfaceSet',
    PublicDnsName: 'dnsName',
    StateTransitionReason: 'reason',
    PublicIpAddress: 'ipAddress',
  },
  shapes: {
    Monitoring: { names: { MetricCategoryIds: 'metricCategoryIdSet' }, shapes: {} },
    NetworkInterfaces: INTERFACE,
    ProductCodes: PRODUCT_CODE,
    SecondaryInterfaces: { names: { PrivateIpAddresses: 'privateIpAddressSet' }, shapes: {} },
  },
};

/** Structures whose names follow the rule. */
export const PLAIN_SHAPE = PLAIN;

/**
 * The members of what a fleet file had, as XML. Keys that cannot be element names, and times that are none, are
 * left out: a client would stumble over them.
 * @param except keys that the model prints itself
 */
export function rawXml(raw: JsonObject, shape: Shape, except: ReadonlySet<string> = NOTHING): string {
  let xml = '';
  for (const [key, value] of Object.entries(raw)) {
    if (except.has(key) || !/^[A-Za-z][A-Za-z0-9]*$/.test(key)) continue;
    const name = Object.hasOwn(shape.names, key) ? shape.names[key] : undefined;
    const inner = Object.hasOwn(shape.shapes, key) ? shape.shapes[key] : undefined;
    xml += memberXml(name ?? `${key.charAt(0).toLowerCase()}${key.slice(1)}`, key, value, inner ?? PLAIN);
  }
  return xml;
}

const NOTHING: ReadonlySet<string> = new Set();

function memberXml(name: string, key: string, value: Json, shape: Shape): string {
  if (value === null) return '';
  if (Array.isArray(value)) return list(name, value as readonly Json[], (item) => itemXml(item, shape));
  if (typeof value === 'object') return block(name, rawXml(value as JsonObject, shape));
  if (typeof value === 'string' && key.endsWith('Time')) return isoTime(name, value);
  return element(name, value as string | number | boolean);
}

function itemXml(item: Json, shape: Shape): string {
  if (item === null || Array.isArray(item)) return '';
  if (typeof item === 'object') return rawXml(item as JsonObject, shape);
  return element('_', item).replace(/^<_>|<\/_>$|^<_\/>$/g, '');
}

/** A time in whatever form a file had it, as EC2 writes it. */
export function isoTime(name: string, text: string | undefined): string {
  if (text === undefined) return '';
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? '' : element(name, new Date(ms).toISOString());
}
