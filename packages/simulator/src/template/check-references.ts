import { type CfnTemplate, isRecord } from './template-types.ts';

/** A reference that leads nowhere. */
export interface DanglingReference {
  /** Where it stands, such as `Resources.Rule.Properties.Targets.0.Arn`. */
  readonly at: string;
  readonly kind: 'Ref' | 'Fn::GetAtt' | 'Fn::Sub' | 'DependsOn' | 'Condition' | 'Fn::FindInMap';
  readonly target: string;
}

/**
 * Finds every `Ref`, `Fn::GetAtt`, `Fn::Sub`, `DependsOn`, `Condition` and `Fn::FindInMap` that names nothing in the
 * template. Whether a resource has the attribute that is asked for is not checked here.
 * @returns none when all is well
 */
export function checkReferences(template: CfnTemplate): readonly DanglingReference[] {
  const resources = new Set(Object.keys(template.Resources ?? {}));
  const values = new Set([...resources, ...Object.keys(template.Parameters ?? {})]);
  const conditions = new Set(Object.keys(template.Conditions ?? {}));
  const found: DanglingReference[] = [];
  const check = (
    known: ReadonlySet<string>,
    at: string,
    kind: DanglingReference['kind'],
    target: unknown,
  ): void => {
    const name = String(target);
    if (!known.has(name) && !name.startsWith('AWS::')) found.push({ at, kind, target: name });
  };

  const walk = (value: unknown, at: string): void => {
    if (Array.isArray(value)) {
      for (const [index, item] of value.entries()) walk(item, `${at}.${index}`);
      return;
    }
    if (!isRecord(value)) return;
    const keys = Object.keys(value);
    if (keys.length === 1) checkIntrinsic(keys[0] as string, Object.values(value)[0], at);
    for (const [key, item] of Object.entries(value)) walk(item, `${at}.${key}`);
  };
  const checkIntrinsic = (name: string, argument: unknown, at: string): void => {
    const first = Array.isArray(argument) ? argument[0] : argument;
    if (name === 'Ref') check(values, at, 'Ref', argument);
    if (name === 'Fn::GetAtt') check(resources, at, 'Fn::GetAtt', String(first).split('.')[0]);
    if (name === 'Fn::If' || (name === 'Condition' && typeof argument === 'string')) {
      check(conditions, at, 'Condition', first);
    }
    if (name === 'Fn::FindInMap')
      check(new Set(Object.keys(template.Mappings ?? {})), at, 'Fn::FindInMap', first);
    if (name === 'Fn::Sub') {
      const own = Array.isArray(argument) && isRecord(argument[1]) ? Object.keys(argument[1]) : [];
      const known = new Set([...values, ...own]);
      for (const [, expression = ''] of String(first).matchAll(/\$\{([^!}][^}]*)\}/g)) {
        check(known, at, 'Fn::Sub', expression.trim().split('.')[0]);
      }
    }
  };

  for (const [id, resource] of Object.entries(template.Resources ?? {})) {
    const at = `Resources.${id}`;
    walk(resource.Properties, `${at}.Properties`);
    const depends = resource.DependsOn ?? [];
    for (const target of typeof depends === 'string' ? [depends] : depends)
      check(resources, at, 'DependsOn', target);
    if (resource.Condition !== undefined) check(conditions, at, 'Condition', resource.Condition);
  }
  walk(template.Outputs, 'Outputs');
  walk(template.Conditions, 'Conditions');
  return found;
}
