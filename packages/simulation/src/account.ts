/** The account that everything is in. */
export const ACCOUNT = '000000000000';

/** The URL of a queue, as functions get it. */
export const queueUrl = (name: string): string => `https://sqs.simulated/${ACCOUNT}/${name}`;
