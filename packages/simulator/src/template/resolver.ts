import { attributeOf, isKnownType, physicalName, refOf } from './physical-ids.ts';
import { type CfnTemplate, isRecord, type StackPlace, type TemplateProblem } from './template-types.ts';

/** Stands for a property that is not there (`AWS::NoValue`). */
const NO_VALUE = Symbol('AWS::NoValue');

type Intrinsic = (argument: unknown) => unknown;

/**
 * Resolves the intrinsic functions of one template. What cannot be resolved is noted as a problem and stands as a
 * text that says so; nothing is passed over in silence.
 */
export class Resolver {
  readonly problems: TemplateProblem[] = [];
  readonly place: StackPlace;
  readonly #template: CfnTemplate;
  readonly #parameters: Readonly<Record<string, string>>;
  readonly #names = new Map<string, string>();
  readonly #naming = new Set<string>();
  #current = { logicalId: '', type: '' };

  /** @param parameters values for the template's parameters; those without one take their default */
  constructor(template: CfnTemplate, place: StackPlace, parameters: Readonly<Record<string, string>> = {}) {
    this.#template = template;
    this.place = place;
    this.#parameters = parameters;
  }

  /** Resolves a value on behalf of a resource (or an output), which problems then name. */
  resolve(value: unknown, owner: { logicalId: string; type: string }): unknown {
    const before = this.#current;
    this.#current = owner;
    try {
      const resolved = this.#resolve(value);
      return resolved === NO_VALUE ? undefined : resolved;
    } finally {
      this.#current = before;
    }
  }

  /** Whether a resource with this `Condition` is there at all. */
  holds(condition: string | undefined): boolean {
    return condition === undefined || this.#condition(condition);
  }

  /** The name of a resource of this template. */
  nameOf(logicalId: string): string {
    const known = this.#names.get(logicalId);
    if (known !== undefined) return known;
    if (this.#naming.has(logicalId)) return this.#problem(`the name of ${logicalId} depends on itself`);
    this.#naming.add(logicalId);
    const resource = this.#template.Resources?.[logicalId];
    const name = physicalName(this.place, {
      logicalId,
      type: resource?.Type ?? '',
      property: (key) => this.#property(logicalId, key),
    });
    this.#naming.delete(logicalId);
    this.#names.set(logicalId, name);
    return name;
  }

  /** `Fn::GetAtt`. */
  attribute(logicalId: string, attribute: string): unknown {
    const type = this.#template.Resources?.[logicalId]?.Type;
    if (type === undefined) return this.#problem(`Fn::GetAtt of ${logicalId}, which is not in the template`);
    if (!isKnownType(type)) return `unknown:${logicalId}.${attribute}`;
    return (
      attributeOf(type, attribute, this.#identity(logicalId)) ??
      this.#problem(`Fn::GetAtt ${logicalId}.${attribute}: this model knows no such attribute of ${type}`)
    );
  }

  #resolve(value: unknown): unknown {
    if (Array.isArray(value)) {
      return value.map((item) => this.#resolve(item)).filter((item) => item !== NO_VALUE);
    }
    if (!isRecord(value)) return value;
    const entries = Object.entries(value);
    const [key = '', argument] = entries[0] ?? [];
    if (entries.length === 1 && (key === 'Ref' || key.startsWith('Fn::') || key === 'Condition')) {
      // `Condition` is an intrinsic only where conditions are written; an IAM statement has more keys beside it.
      if (key !== 'Condition' || typeof argument === 'string') return this.#intrinsic(key, argument);
    }
    const resolved = entries.map(([name, item]) => [name, this.#resolve(item)] as const);
    return Object.fromEntries(resolved.filter(([, item]) => item !== NO_VALUE));
  }

  #intrinsic(name: string, argument: unknown): unknown {
    if (!Object.hasOwn(this.#intrinsics, name))
      return this.#problem(`uses ${name}, which this model does not know`);
    return (this.#intrinsics[name] as Intrinsic)(argument);
  }

  readonly #intrinsics: Readonly<Record<string, Intrinsic>> = {
    Ref: (name) => this.#ref(String(name)),
    Condition: (name) => this.#condition(String(name)),
    'Fn::GetAtt': (argument) => {
      const [logicalId = '', ...attribute] = Array.isArray(argument)
        ? argument.map(String)
        : String(argument).split('.');
      return this.attribute(logicalId, attribute.join('.'));
    },
    'Fn::Sub': (argument) => this.#sub(argument),
    'Fn::Join': (argument) => {
      const [separator, items] = this.#list(argument, 'Fn::Join', 2);
      return Array.isArray(items)
        ? items.map(String).join(String(separator))
        : this.#problem('Fn::Join joins no list');
    },
    'Fn::Select': (argument) => {
      const [index, items] = this.#list(argument, 'Fn::Select', 2);
      const item: unknown = Array.isArray(items) ? items[Number(index)] : undefined;
      return item ?? this.#problem(`Fn::Select finds nothing at ${String(index)}`);
    },
    'Fn::Split': (argument) => {
      const [separator, text] = this.#list(argument, 'Fn::Split', 2);
      return String(text).split(String(separator));
    },
    'Fn::If': (argument) => {
      const [condition, then, otherwise] = Array.isArray(argument) ? argument : [];
      return this.#resolve(this.#condition(String(condition)) ? then : otherwise);
    },
    'Fn::Equals': (argument) => {
      const [a, b] = this.#list(argument, 'Fn::Equals', 2);
      return JSON.stringify(a) === JSON.stringify(b);
    },
    'Fn::And': (argument) => this.#list(argument, 'Fn::And').every((item) => item === true),
    'Fn::Or': (argument) => this.#list(argument, 'Fn::Or').some((item) => item === true),
    'Fn::Not': (argument) => this.#list(argument, 'Fn::Not', 1)[0] !== true,
    'Fn::FindInMap': (argument) => this.#findInMap(argument),
    'Fn::GetAZs': (argument) => {
      const region = this.#resolve(argument) || this.place.region;
      return ['a', 'b', 'c'].map((zone) => `${String(region)}${zone}`);
    },
    'Fn::Base64': (argument) => Buffer.from(String(this.#resolve(argument))).toString('base64'),
  };

  #ref(name: string): unknown {
    const pseudo = this.#pseudo(name);
    if (pseudo !== undefined) return pseudo;
    const parameter = this.#template.Parameters?.[name];
    if (parameter) {
      return this.#parameters[name] ?? parameter.Default ?? this.#problem(`parameter ${name} has no value`);
    }
    const type = this.#template.Resources?.[name]?.Type;
    if (type === undefined) return this.#problem(`Ref of ${name}, which is not in the template`);
    return isKnownType(type) ? refOf(type, this.#identity(name)) : `unknown:${name}`;
  }

  #pseudo(name: string): unknown {
    const { region, accountId, partition, stack } = this.place;
    switch (name) {
      case 'AWS::Region':
        return region;
      case 'AWS::AccountId':
        return accountId;
      case 'AWS::Partition':
        return partition;
      case 'AWS::StackName':
        return stack;
      case 'AWS::StackId':
        return `arn:${partition}:cloudformation:${region}:${accountId}:stack/${stack}/local`;
      case 'AWS::URLSuffix':
        return partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com';
      case 'AWS::NotificationARNs':
        return [];
      case 'AWS::NoValue':
        return NO_VALUE;
      default:
        return undefined;
    }
  }

  #sub(argument: unknown): unknown {
    const [template, variables] = Array.isArray(argument) ? argument : [argument, {}];
    const given = isRecord(variables) ? variables : {};
    return String(template).replaceAll(
      /\$\{(!?)([^}]+)\}/g,
      (_whole, literal: string, expression: string) => {
        if (literal === '!') return `\${${expression}}`;
        const name = expression.trim();
        if (Object.hasOwn(given, name)) return String(this.#resolve(given[name]));
        const dot = name.indexOf('.');
        return String(dot < 0 ? this.#ref(name) : this.attribute(name.slice(0, dot), name.slice(dot + 1)));
      },
    );
  }

  #findInMap(argument: unknown): unknown {
    const [map, first, second] = this.#list(argument, 'Fn::FindInMap').map(String);
    const found = this.#template.Mappings?.[map ?? '']?.[first ?? '']?.[second ?? ''];
    return found ?? this.#problem(`Fn::FindInMap finds nothing at ${map}.${first}.${second}`);
  }

  #condition(name: string): boolean {
    const condition = this.#template.Conditions?.[name];
    if (condition !== undefined) return this.#resolve(condition) === true;
    this.#problem(`the condition ${name} is not in the template`);
    return false;
  }

  #list(argument: unknown, name: string, length?: number): unknown[] {
    if (!Array.isArray(argument) || (length !== undefined && argument.length !== length)) {
      this.#problem(`${name} takes a list${length === undefined ? '' : ` of ${length}`}`);
      return [];
    }
    return argument.map((item) => this.#resolve(item));
  }

  #identity(logicalId: string) {
    return {
      place: this.place,
      logicalId,
      name: this.nameOf(logicalId),
      property: (key: string) => this.#property(logicalId, key),
    };
  }

  #property(logicalId: string, key: string): unknown {
    const resource = this.#template.Resources?.[logicalId];
    return this.resolve(resource?.Properties?.[key], { logicalId, type: resource?.Type ?? '' });
  }

  /** Notes a problem; the text stands in for the value. */
  #problem(text: string): string {
    this.problems.push({ stack: this.place.stack, ...this.#current, text });
    return `unresolved(${text})`;
  }
}
