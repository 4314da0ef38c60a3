import type { ConnectionOptions } from './clients.ts';
import type { Ec2Clients } from './ec2-clients.ts';

/** Options of the adapters over EC2. */
export interface Ec2Options extends ConnectionOptions {
  /** Clients to use instead of new ones, such as those of another adapter in the same region. */
  readonly clients?: Ec2Clients;
}
