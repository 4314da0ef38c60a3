import type { Dimensions, MetricId } from './metric-store.ts';

/** An error that goes back over the wire. `code` as the query protocol has it, without `Exception`. */
export class CloudWatchFault extends Error {
  readonly code: string;
  readonly status: number;

  constructor(code: string, message: string, status = 400) {
    super(message);
    this.name = 'CloudWatchFault';
    this.code = code;
    this.status = status;
  }
}

const DIMENSIONS_MAX = 30;

/** Reads a request's fields, whichever protocol they came by; every complaint names the parameter. */
export class Fields {
  readonly #record: Readonly<Record<string, unknown>>;
  readonly #path: string;

  /** @param path of this record within the request, such as `MetricData.member.1.` */
  constructor(value: unknown, path: string) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw invalid(path === '' ? 'request' : path, value);
    }
    this.#record = value as Record<string, unknown>;
    this.#path = path;
  }

  /** Whether the field was given. */
  has(name: string): boolean {
    return this.#get(name) !== undefined;
  }

  text(name: string): string | undefined {
    const value = this.#get(name);
    if (value === undefined || typeof value === 'string') return value;
    throw invalid(this.#path + name, value);
  }

  requiredText(name: string): string {
    return this.text(name) || this.#missing(name);
  }

  number(name: string): number | undefined {
    const value = this.#get(name);
    if (value === undefined) return undefined;
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    if (typeof number === 'number' && Number.isFinite(number)) return number;
    throw invalid(this.#path + name, value);
  }

  requiredNumber(name: string): number {
    return this.number(name) ?? this.#missing(name);
  }

  /** Milliseconds since 1970, of seconds (JSON) or of an ISO 8601 text (query). */
  time(name: string): number | undefined {
    const value = this.#get(name);
    if (value === undefined) return undefined;
    const ms =
      typeof value === 'string' ? Date.parse(value) : typeof value === 'number' ? value * 1_000 : Number.NaN;
    if (Number.isNaN(ms)) throw invalid(this.#path + name, value);
    return Math.round(ms);
  }

  requiredTime(name: string): number {
    return this.time(name) ?? this.#missing(name);
  }

  /** A record within this one. */
  record(name: string): Fields {
    return new Fields(this.#get(name), `${this.#path}${name}.`);
  }

  /** A list of records; empty when the field is missing. */
  list(name: string): readonly Fields[] {
    return this.#array(name).map((item, at) => new Fields(item, `${this.#path}${name}.member.${at + 1}.`));
  }

  /** A list of texts; empty when the field is missing. */
  texts(name: string): readonly string[] {
    return this.#array(name).map((item) => {
      if (typeof item !== 'string') throw invalid(this.#path + name, item);
      return item;
    });
  }

  /** A list of numbers; empty when the field is missing. */
  numbers(name: string): readonly number[] {
    return this.#array(name).map((item) => {
      const number = Number(item);
      if (!Number.isFinite(number)) throw invalid(this.#path + name, item);
      return number;
    });
  }

  /** Namespace, MetricName and Dimensions. */
  metricId(namespace = this.requiredText('Namespace')): MetricId {
    return { namespace, name: this.requiredText('MetricName'), dimensions: this.#dimensions() };
  }

  #dimensions(): Dimensions {
    const dimensions = this.list('Dimensions');
    if (dimensions.length > DIMENSIONS_MAX)
      throw invalid(`${this.#path}Dimensions`, `${dimensions.length} of them`);
    return Object.fromEntries(
      dimensions.map((item) => [item.requiredText('Name'), item.requiredText('Value')]),
    );
  }

  #array(name: string): readonly unknown[] {
    const value = this.#get(name);
    if (value === undefined || value === '') return [];
    if (Array.isArray(value)) return value;
    throw invalid(this.#path + name, value);
  }

  #get(name: string): unknown {
    return Object.hasOwn(this.#record, name) ? (this.#record[name] ?? undefined) : undefined;
  }

  #missing(name: string): never {
    throw new CloudWatchFault('MissingParameter', `The parameter ${this.#path}${name} is required.`);
  }
}

function invalid(name: string, value: unknown): CloudWatchFault {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return new CloudWatchFault('InvalidParameterValue', `The value ${text} for parameter ${name} is invalid.`);
}
