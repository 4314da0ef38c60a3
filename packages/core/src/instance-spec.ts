import type { Instance, Tags } from './model.ts';
import { TAG, TAG_LIMITS } from './tag-names.ts';
import { chunkedWords, chunkTags, escapeField, packWords, unescapeField } from './tag-text.ts';

/**
 * What a restore needs to know of the instance. `instanceType` and `architecture` are empty when the tags do not
 * tell them.
 */
export interface InstanceSpec {
  readonly instanceType: string;
  readonly architecture: string;
  readonly bootMode?: string;
  readonly rootDeviceName?: string;
  readonly availabilityZone?: string;
  /** Name of the instance profile. */
  readonly instanceProfile?: string;
  readonly subnetId?: string;
  readonly securityGroupIds: readonly string[];
  /** Name of the key pair. */
  readonly keyName?: string;
  /** `required` or `optional`: whether the metadata service wants a session token (IMDSv2). */
  readonly metadataTokens?: string;
  /** What EC2 billed for; left out for plain Linux. */
  readonly usageOperation?: string;
}

/** The usage operation of Linux without a licence: it needs no mention. */
const PLAIN_LINUX = 'RunInstances';

/** Tags for the network: 16 groups (EC2's maximum per interface) need two. */
const NETWORK_TAGS_MAX = 3;

/** `smart-vault:instance-spec` and `smart-vault:network`, `-2`, …; what does not fit is left out, the last first. */
export function encodeInstanceSpec(instance: Instance): Tags {
  const fields = [
    ['type', instance.instanceType],
    ['arch', instance.architecture],
    ['boot', instance.bootMode],
    ['root', instance.rootDeviceName],
    ['az', instance.availabilityZone],
    ['profile', instance.instanceProfile],
    ['key', instance.keyName],
    ['tokens', instance.metadataTokens],
    ['usage', instance.usageOperation === PLAIN_LINUX ? undefined : instance.usageOperation],
  ] as const;
  const words = fields.flatMap(([name, value]) => (value ? [`${name}=${escapeField(value)}`] : []));
  const groups = packWords(instance.securityGroupIds.map(escapeField), '+', 200).map(
    (list) => `groups=${list}`,
  );
  const subnet = instance.subnetId ? [`subnet=${escapeField(instance.subnetId)}`] : [];
  const network = packWords([...subnet, ...groups], ' ', TAG_LIMITS.valueLength);
  return {
    ...chunkTags(TAG.instanceSpec, packWords(words, ' ', TAG_LIMITS.valueLength), 1),
    ...chunkTags(TAG.network, network, NETWORK_TAGS_MAX),
  };
}

/** Reads what `encodeInstanceSpec` wrote. Unknown and missing fields are no error; it never throws. */
export function decodeInstanceSpec(tags: Tags): InstanceSpec {
  const fields = fieldsOf([...chunkedWords(tags, TAG.instanceSpec), ...chunkedWords(tags, TAG.network)]);
  const optional = (key: string, name: keyof InstanceSpec): Partial<InstanceSpec> => {
    const value = fields.get(key)?.[0];
    return value ? { [name]: unescapeField(value) } : {};
  };
  return {
    instanceType: unescapeField(fields.get('type')?.[0] ?? ''),
    architecture: unescapeField(fields.get('arch')?.[0] ?? ''),
    ...optional('boot', 'bootMode'),
    ...optional('root', 'rootDeviceName'),
    ...optional('az', 'availabilityZone'),
    ...optional('profile', 'instanceProfile'),
    ...optional('subnet', 'subnetId'),
    ...optional('key', 'keyName'),
    ...optional('tokens', 'metadataTokens'),
    ...optional('usage', 'usageOperation'),
    securityGroupIds: (fields.get('groups') ?? [])
      .flatMap((list) => list.split('+'))
      .filter((id) => id !== '')
      .map(unescapeField),
  };
}

function fieldsOf(words: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const fields = new Map<string, string[]>();
  for (const word of words) {
    const cut = word.indexOf('=');
    if (cut <= 0) continue;
    const name = word.slice(0, cut);
    fields.set(name, [...(fields.get(name) ?? []), word.slice(cut + 1)]);
  }
  return fields;
}
