/** A CloudFormation template as `cdk synth` writes it. */
export interface CfnTemplate {
  readonly Resources?: Readonly<Record<string, CfnResource>>;
  readonly Parameters?: Readonly<Record<string, { readonly Type?: string; readonly Default?: unknown }>>;
  readonly Conditions?: Readonly<Record<string, unknown>>;
  readonly Mappings?: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>>;
  readonly Outputs?: Readonly<Record<string, { readonly Value: unknown; readonly Description?: string }>>;
  readonly [section: string]: unknown;
}

/** One resource of a template. */
export interface CfnResource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly DependsOn?: string | readonly string[];
  readonly Condition?: string;
  readonly [attribute: string]: unknown;
}

/** One thing in a template that cannot be understood. */
export interface TemplateProblem {
  readonly stack: string;
  readonly logicalId: string;
  readonly type: string;
  readonly text: string;
}

/** Where a stack is, and what ids look like there. */
export interface StackPlace {
  readonly stack: string;
  readonly region: string;
  readonly accountId: string;
  readonly partition: string;
  /** The URL by which a queue is reached: what `Ref` of a queue gives. */
  readonly queueUrl: (name: string) => string;
}

/** True for a JSON object. */
export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
