/** An error as EC2's query API answers it. Codes are EC2's own; clients branch on them. */
export class Ec2Error extends Error {
  /** EC2's code, such as `InvalidSnapshot.NotFound`. */
  readonly code: string;
  /** HTTP status. */
  readonly status: number;

  constructor(code: string, message: string, status = 400) {
    super(message);
    this.name = 'Ec2Error';
    this.code = code;
    this.status = status;
  }
}

/** True for an `Ec2Error`, with that code when one is given. */
export function isEc2Error(error: unknown, code?: string): error is Ec2Error {
  return error instanceof Ec2Error && (code === undefined || error.code === code);
}

/** A parameter has a value that EC2 does not take. */
export const invalidValue = (message: string): Ec2Error => new Ec2Error('InvalidParameterValue', message);

/** A parameter is not there. */
export const missing = (parameter: string): Ec2Error =>
  new Ec2Error('MissingParameter', `The request must contain the parameter ${parameter}`);

/** The answer to a dry run that would have been allowed. It says nothing about in-use or locked snapshots. */
export const dryRunSucceeded = (): Ec2Error =>
  new Ec2Error('DryRunOperation', 'Request would have succeeded, but DryRun flag is set.', 412);
