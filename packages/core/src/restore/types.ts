import type { InstanceId, Region, VolumeId } from '../ids.ts';
import type { Instance, Snapshot, Tags, Volume } from '../model.ts';
import type { Slot } from '../slot.ts';
import type { VolumeSpec } from '../volume-map.ts';
import type {
  DeviceRequest,
  LaunchInstanceCall,
  MadeByRestores,
  RegisterImageCall,
  RestoreSubject,
  SecurityGroup,
  Subnet,
} from './calls.ts';

/** What the operator asks for. What is left out comes from the tags, or is asked for. */
export interface RestoreRequest {
  readonly vault: string;
  /** Where to restore: the source region or a destination. Only snapshots of this region are used. */
  readonly region: Region;
  readonly subject: RestoreSubject;
  /** Exactly this slot. */
  readonly slot?: Slot;
  /** The newest slot at or before this instant, ms. */
  readonly at?: number;
  /** Restores what there is of an incomplete set, and launches what EC2 would bill otherwise than before. */
  readonly force: boolean;
  /** A name for a second restore of the same slot; without it a run finds and goes on with the first. */
  readonly label?: string;
  readonly availabilityZone?: string;
  readonly subnetId?: string;
  /** Ids of subnets and security groups of the source region, with the ones to take here instead. */
  readonly mapped: Readonly<Record<string, string>>;
  readonly securityGroupIds: readonly string[];
  /** Who gets the new volumes: by default the instance that had them. */
  readonly targetInstance?: InstanceId;
  /** Device for the one new volume; by default the one it had. */
  readonly deviceName?: string;
  /** `replace` detaches what is at the device; the old volume is kept. */
  readonly attach: 'no' | 'attach' | 'replace';
  /** Launch a new instance although the old one is there. */
  readonly launch: boolean;
  readonly instanceType?: string;
  readonly architecture?: string;
  readonly keyName?: string;
  readonly instanceProfile?: string;
  readonly kmsKeyId?: string;
  /** Leaves the image that an instance was launched from. */
  readonly keepImage: boolean;
}

/** What is so in the region, gathered before the plan is made. */
export interface RestoreFacts {
  /** Of the subject, in every state. */
  readonly snapshots: readonly Snapshot[];
  /** The subject, its instance and the target, as far as they exist here. */
  readonly instances: readonly Instance[];
  /** The subject volume as far as it exists here. */
  readonly volumes: readonly Volume[];
  readonly made: MadeByRestores;
  readonly zones: readonly string[];
  readonly subnets: readonly Subnet[];
  readonly securityGroups: readonly SecurityGroup[];
}

/** Everything about a step but what it does. */
interface StepFrame {
  /** Unique in the plan; also the value of the tag `smart-vault:restore-step` on what the step makes. */
  readonly id: string;
  /** For the person who reads the plan. */
  readonly text: string;
  readonly reason: string;
  /** What an earlier run made already; the step is then skipped. */
  readonly done?: string;
}

/** One thing to do. Ids of what earlier steps make are filled in when they are known. */
export type RestoreStep = StepFrame &
  (
    | { readonly kind: 'register-image'; readonly call: RegisterImageCall }
    | { readonly kind: 'launch-instance'; readonly call: Omit<LaunchInstanceCall, 'imageId'> }
    | { readonly kind: 'tag-volume'; readonly deviceName: string; readonly tags: Tags }
    | { readonly kind: 'deregister-image'; readonly imageId?: string }
    | {
        readonly kind: 'create-volume';
        readonly token: string;
        readonly availabilityZone: string;
        readonly device: DeviceRequest;
        readonly tags: Tags;
      }
    | { readonly kind: 'await-volumes' }
    | {
        readonly kind: 'detach-volume';
        readonly instanceId: InstanceId;
        readonly deviceName: string;
        readonly volumeId: VolumeId;
      }
    | {
        readonly kind: 'delete-with-instance';
        readonly instanceId: InstanceId;
        readonly deviceName: string;
        /** Id of the step that makes the volume. */
        readonly volumeOf: string;
      }
    | {
        readonly kind: 'attach-volume';
        readonly instanceId: InstanceId;
        readonly deviceName: string;
        /** Id of the step that makes the volume. */
        readonly volumeOf: string;
      }
  );

/** Something that only the operator can know. */
export interface Unknown {
  /** The field of the request that tells it. */
  readonly field: 'availabilityZone' | 'subnetId' | 'securityGroupIds' | 'instanceType' | 'architecture';
  /** The option of the command that tells it, such as `--subnet`. */
  readonly option: string;
  readonly why: string;
  /** What is possible, when that is known. */
  readonly choices: readonly { readonly value: string; readonly about: string }[];
}

/** Why it cannot be done as asked, and what helps. */
export interface Problem {
  readonly text: string;
  readonly fix: string;
}

/** One volume of the set that is restored. */
export interface PlannedVolume {
  readonly volumeId: VolumeId;
  readonly device: DeviceRequest;
  /** The volume's own tags, as its snapshot carries them. */
  readonly tags: Tags;
  readonly root: boolean;
}

/** What a restore will do, why, what it cannot know and what it leaves alone. */
export interface RestorePlan {
  readonly region: Region;
  readonly vault: string;
  readonly subject: RestoreSubject;
  /** `launch`: a new instance. `volumes`: new volumes only. */
  readonly mode: 'launch' | 'volumes';
  /** Value of the tag `smart-vault:restore` on everything that is made. Empty when there is nothing to restore from. */
  readonly restoreId: string;
  readonly slot?: Slot;
  readonly policy?: string;
  /** Where the snapshots were taken, when they are copies. */
  readonly copiedFrom?: Region;
  readonly volumes: readonly PlannedVolume[];
  /** Volumes of the set of which there is no good snapshot here. */
  readonly missing: readonly VolumeSpec[];
  readonly steps: readonly RestoreStep[];
  /** Empty when it can be done as asked. */
  readonly problems: readonly Problem[];
  readonly unknowns: readonly Unknown[];
  /** What will differ from the original, and what was chosen without being asked. */
  readonly notices: readonly string[];
  /** What is not destroyed. */
  readonly kept: readonly string[];
}
