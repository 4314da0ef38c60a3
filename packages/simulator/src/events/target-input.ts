import { readJsonPath } from './json-path.ts';

/** What a rule hands to a target in place of the whole event. At most one of them. */
export interface TargetInput {
  /** A constant text. */
  readonly input?: string;
  /** A JSON path; the value there is handed over. */
  readonly inputPath?: string;
  readonly transformer?: {
    /** Variable name to JSON path. */
    readonly paths: Readonly<Record<string, string>>;
    readonly template: string;
  };
}

/** What the reserved variables of a template stand for. */
export interface InputContext {
  readonly ruleArn: string;
  readonly ruleName: string;
  /** When the bus took the event in, milliseconds since 1970. */
  readonly ingestedAt: number;
}

/** The text that the target gets, or why there is none. */
export type RenderedInput =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'invalid'; readonly message: string };

/**
 * What EventBridge sends to a target for an event.
 *
 * In an input template `<name>` stands for a value of the event. Outside of quotes a text gets its quotes (and
 * escapes), anything else stands as JSON. Within quotes a text is put in as it is, not escaped, and a list or an
 * object loses its quotes. A variable whose path finds nothing leaves nothing. What comes out must be JSON, or one
 * JSON text a line. Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
 */
export function renderInput(target: TargetInput, event: object, context: InputContext): RenderedInput {
  if (target.input !== undefined) return { kind: 'text', text: target.input };
  if (target.inputPath !== undefined) {
    const value = readJsonPath(target.inputPath, event);
    if (value === undefined) return { kind: 'invalid', message: `nothing at InputPath ${target.inputPath}` };
    return { kind: 'text', text: JSON.stringify(value) };
  }
  if (target.transformer === undefined) return { kind: 'text', text: JSON.stringify(event) };
  const text = fillTemplate(
    target.transformer.template,
    variablesOf(target.transformer.paths, event, context),
  );
  return isJsonOutput(text)
    ? { kind: 'text', text }
    : { kind: 'invalid', message: `the input template gives no JSON: ${text.slice(0, 200)}` };
}

function variablesOf(
  paths: Readonly<Record<string, string>>,
  event: object,
  context: InputContext,
): ReadonlyMap<string, unknown> {
  const { detail: _detail, ...envelope } = event as Record<string, unknown>;
  const variables = new Map<string, unknown>(
    Object.entries(paths).map(([name, path]) => [name, readJsonPath(path, event)]),
  );
  variables.set('aws.events.rule-arn', context.ruleArn);
  variables.set('aws.events.rule-name', context.ruleName);
  variables.set('aws.events.event.ingestion-time', new Date(context.ingestedAt).toISOString());
  variables.set('aws.events.event', envelope);
  variables.set('aws.events.event.json', event);
  return variables;
}

/** Walks the template once, as it matters whether a variable stands within quotes. */
function fillTemplate(template: string, variables: ReadonlyMap<string, unknown>): string {
  let filled = '';
  let quoted = false;
  let at = 0;
  while (at < template.length) {
    const char = template.charAt(at);
    if (quoted && char === '\\') {
      filled += template.slice(at, at + 2);
      at += 2;
      continue;
    }
    if (char === '"') quoted = !quoted;
    const name = char === '<' ? /^<([\w.-]+)>/.exec(template.slice(at))?.[1] : undefined;
    if (name !== undefined && variables.has(name)) {
      filled += quoted ? withinQuotes(variables.get(name)) : outsideQuotes(variables.get(name));
      at += name.length + 2;
      continue;
    }
    filled += char;
    at += 1;
  }
  return filled;
}

const outsideQuotes = (value: unknown): string => (value === undefined ? '' : JSON.stringify(value));

function withinQuotes(value: unknown): string {
  if (value === undefined) return '';
  if (typeof value === 'string') return value;
  return JSON.stringify(value).replaceAll('"', '');
}

function isJsonOutput(text: string): boolean {
  if (isJson(text)) return true;
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return lines.length > 1 && lines.every((line) => line.trim().startsWith('"') && isJson(line));
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
