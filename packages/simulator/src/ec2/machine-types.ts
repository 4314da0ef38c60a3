import { Ec2Error, invalidValue } from './errors.ts';
import type { ImageRecord } from './types.ts';

/** Families that start without enhanced networking; all newer ones need it, and hardware virtualization with it. */
const OLD = new Set([
  't1',
  't2',
  'm1',
  'm2',
  'm3',
  'm4',
  'c1',
  'c3',
  'c4',
  'r3',
  'i2',
  'd2',
  'g2',
  'hs1',
  'cr1',
]);

/**
 * The instance type, checked against the image. Which types there are is not modelled, only what their names tell:
 * Graviton has a `g` behind the generation.
 * @throws Ec2Error
 */
export function checkInstanceType(type: string, image: ImageRecord): string {
  const family = /^([a-z][a-z0-9-]*)\.(nano|micro|small|medium|large|\d*xlarge|metal[a-z0-9-]*)$/.exec(
    type,
  )?.[1];
  if (family === undefined) throw invalidValue(`Invalid value '${type}' for InstanceType.`);
  checkArchitecture(family, image);
  if (OLD.has(family)) return type;
  if (image.virtualizationType === 'paravirtual') {
    throw combination(
      "Non-Windows instances with a virtualization type of 'paravirtual' are currently not supported for this instance type.",
    );
  }
  if (
    image.enaSupport === false ||
    (image.enaSupport === undefined && image.virtualizationType !== undefined)
  ) {
    throw combination(
      `Enhanced networking with the Elastic Network Adapter (ENA) is required for the '${type}' instance type. Ensure that you are using an AMI that is enabled for ENA.`,
    );
  }
  return type;
}

function checkArchitecture(family: string, { architecture }: ImageRecord): void {
  const graviton = family === 'a1' || /^[a-z]+\d+g[a-z]*$/.test(family);
  const supported = graviton ? ['arm64'] : OLD.has(family) ? ['x86_64', 'i386'] : ['x86_64'];
  if (supported.includes(architecture)) return;
  throw invalidValue(
    `The architecture '${supported.join(',')}' of the specified instance type does not match the architecture '${architecture}' of the specified AMI. ` +
      'Specify an instance type and an AMI that have matching architectures, and try again.',
  );
}

const combination = (message: string): Ec2Error => new Ec2Error('InvalidParameterCombination', message);
