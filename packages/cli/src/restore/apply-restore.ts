import {
  AppError,
  type Clock,
  type Instance,
  type InstanceId,
  isAppError,
  type VolumeId,
} from '@smart-vault/core';
import type { RestoreCall, RestorePlan, RestoreStep, RestoreStore } from '@smart-vault/core/restore';

/** What applying needs of the outside. */
export interface ApplyPorts {
  readonly store: RestoreStore;
  readonly clock: Clock;
  readonly progress: ApplyProgress;
  /** Ends it before the next step, and while it waits. */
  readonly signal: AbortSignal;
}

/** Told what happens, as it happens. */
export interface ApplyProgress {
  begins(step: RestoreStep, number: number, of: number): void;
  /** EC2 has made or changed this; it may not be ready yet. */
  made(id: string): void;
  waits(what: string): void;
  ended(outcome: StepOutcome): void;
}

/** What became of a step. */
export interface StepOutcome {
  readonly step: string;
  readonly outcome: 'made' | 'found';
  /** Ids of what it made or changed. */
  readonly ids: readonly string[];
}

/** What a restore has made, by the id of the step that made it. */
type Made = Map<string, string>;

/** Between two looks: soon at first, for what is quick, then every ten seconds. */
const LOOKS_MS = [0, 1_000, 2_000, 4_000, 8_000] as const;
const LOOK_MS = 10_000;
/** Pauses after a refusal, for about a minute; then it counts. */
const LAG_LOOKS_MS = [1_000, 2_000, 4_000, 8_000, 15_000, 30_000, undefined] as const;
/** A look that sees nothing of it for so long means that it is gone, not that reads lag. */
const UNSEEN_MAX_MS = 5 * 60_000;
const WAIT_MAX_MS = 30 * 60_000;

/**
 * Carries out a plan that has no problems and no unknowns, step by step. Wherever it is cut off, planning again from
 * new facts finds what was made, by its tags, and goes on.
 */
export async function applyRestore(plan: RestorePlan, ports: ApplyPorts): Promise<readonly StepOutcome[]> {
  const made: Made = new Map(plan.steps.flatMap(({ id, done }) => (done === undefined ? [] : [[id, done]])));
  const outcomes: StepOutcome[] = [];
  for (const [index, step] of plan.steps.entries()) {
    ports.signal.throwIfAborted();
    ports.progress.begins(step, index + 1, plan.steps.length);
    const ids = step.done === undefined ? await runStep(step, made, ports) : await finishStep(step, ports);
    const outcome = { step: step.id, outcome: step.done === undefined ? 'made' : 'found', ids } as const;
    outcomes.push(outcome);
    ports.progress.ended(outcome);
  }
  return outcomes;
}

/** An earlier run may have been cut off while it waited: what it made has to be ready all the same. */
async function finishStep(step: RestoreStep, ports: ApplyPorts): Promise<readonly string[]> {
  const id = step.done as string;
  if (step.kind === 'register-image') await imageReady(id, ports);
  if (step.kind === 'launch-instance') return idsOf(await instanceReady(id as InstanceId, ports));
  if (step.kind === 'attach-volume') await volumeReady(id as VolumeId, ['in-use'], ports);
  return [id];
}

async function runStep(step: RestoreStep, made: Made, ports: ApplyPorts): Promise<readonly string[]> {
  const { store } = ports;
  const carryOut = async (
    call: RestoreCall,
    isSo?: (error: AppError) => Promise<boolean>,
  ): Promise<string> => {
    const id = await unlessSo(() => store.carryOut(call), idOf(call), isSo, ports);
    made.set(step.id, id);
    ports.progress.made(id);
    return id;
  };
  switch (step.kind) {
    case 'register-image': {
      const id = await carryOut(step.call);
      await imageReady(id, ports);
      return [id];
    }
    case 'launch-instance': {
      const imageId = madeBy('image', made);
      const id = await carryOut({ ...step.call, imageId, token: `${step.call.token} ${imageId}` });
      return idsOf(await instanceReady(id as InstanceId, ports));
    }
    case 'tag-volume': {
      const volumeId = await volumeAt(step.deviceName, madeBy('instance', made) as InstanceId, ports);
      return [await carryOut({ kind: 'tag-volume', volumeId, tags: step.tags })];
    }
    case 'deregister-image': {
      const imageId = step.imageId ?? madeBy('image', made);
      const isGone = async (error: AppError) => error.code === 'NOT_FOUND';
      return [await carryOut({ kind: 'deregister-image', imageId }, isGone)];
    }
    case 'create-volume': {
      const { token, availabilityZone, device, tags } = step;
      return [await carryOut({ kind: 'create-volume', token, availabilityZone, device, tags })];
    }
    case 'await-volumes': {
      const ids = [...made].flatMap(([by, id]) => (by.startsWith('volume:') ? [id as VolumeId] : []));
      for (const id of ids) await volumeReady(id, ['available', 'in-use'], ports);
      return ids;
    }
    case 'delete-with-instance': {
      const volumeId = madeBy(step.volumeOf, made) as VolumeId;
      const { kind, instanceId, deviceName } = step;
      return [await carryOut({ kind, volumeId, instanceId, deviceName })];
    }
    case 'detach-volume': {
      const { volumeId, instanceId, deviceName } = step;
      const isFree = async () => (await store.findVolumes([volumeId]))[0]?.state === 'available';
      await carryOut({ kind: 'detach-volume', volumeId, instanceId, deviceName }, isFree);
      await volumeReady(volumeId, ['available'], ports);
      return [volumeId];
    }
    case 'attach-volume': {
      const volumeId = madeBy(step.volumeOf, made) as VolumeId;
      const { instanceId, deviceName } = step;
      const isThere = async () => (await idAt(deviceName, instanceId, store)) === volumeId;
      await carryOut({ kind: 'attach-volume', volumeId, instanceId, deviceName }, isThere);
      await volumeReady(volumeId, ['in-use'], ports);
      return [volumeId];
    }
  }
}

const idsOf = ({ id, devices }: Instance): readonly string[] => [
  id,
  ...devices.map(({ volumeId }) => volumeId),
];

const idOf = (call: RestoreCall): string =>
  call.kind === 'deregister-image' ? call.imageId : 'volumeId' in call ? call.volumeId : '';

/**
 * EC2 refuses to do a second time what an earlier run did, of which the plan could not know because reads lagged. So
 * after a refusal it looks for a while whether it is so already.
 */
async function unlessSo(
  act: () => Promise<string>,
  id: string,
  isSo: ((error: AppError) => Promise<boolean>) | undefined,
  ports: Omit<ApplyPorts, 'store'>,
): Promise<string> {
  for (const pause of LAG_LOOKS_MS) {
    try {
      return await act();
    } catch (error) {
      if (!isAppError(error)) throw error;
      const isUnseen = error.details['unseen'] === true;
      if (isSo === undefined && !isUnseen) throw error;
      if (isSo !== undefined && (await isSo(error))) return id;
      if (pause === undefined || error.code === 'DENIED') throw error;
      ports.progress.waits('EC2 refuses it; looking whether it is so already');
      ports.signal.throwIfAborted();
      await ports.clock.sleep(pause);
    }
  }
  throw new Error('invariant broken: the last look returns or throws');
}

async function idAt(
  deviceName: string,
  instanceId: InstanceId,
  store: RestoreStore,
): Promise<VolumeId | undefined> {
  const [instance] = await store.findInstances([instanceId]);
  return instance?.devices.find((device) => device.deviceName === deviceName)?.volumeId;
}

/** The volume at a device; looks for a while, as an answer may be older than the one before. */
async function volumeAt(
  deviceName: string,
  instanceId: InstanceId,
  { store, clock }: ApplyPorts,
): Promise<VolumeId> {
  for (const pause of LAG_LOOKS_MS) {
    const volumeId = await idAt(deviceName, instanceId, store);
    if (volumeId !== undefined) return volumeId;
    if (pause !== undefined) await clock.sleep(pause);
  }
  throw new AppError(
    'NOT_FOUND',
    `${instanceId} has no volume at ${deviceName} any more; run it again to plan anew`,
  );
}

function madeBy(step: string, made: Made): string {
  const id = made.get(step);
  if (id !== undefined) return id;
  throw new Error(`invariant broken: nothing is known of what the step ${step} made`);
}

const imageReady = (id: string, { store, ...ports }: ApplyPorts): Promise<unknown> =>
  ready(
    `image ${id}`,
    ['available'],
    async () => (await store.findImages([id]))[0],
    ['failed', 'error'],
    ports,
  );

/** A stopped one was ready once, and somebody has stopped it since. */
const instanceReady = (id: InstanceId, { store, ...ports }: ApplyPorts): Promise<Instance> =>
  ready(
    `instance ${id}`,
    ['running', 'stopping', 'stopped'],
    async () => (await store.findInstances([id]))[0],
    ['shutting-down', 'terminated'],
    ports,
  );

const volumeReady = (
  id: VolumeId,
  states: readonly string[],
  { store, ...ports }: ApplyPorts,
): Promise<unknown> =>
  ready(
    `volume ${id}`,
    states,
    async () => (await store.findVolumes([id]))[0],
    ['error', 'deleting', 'deleted'],
    ports,
  );

/** Looks until it is in one of these states. @throws AppError when it has failed, is gone, or takes too long */
async function ready<Thing extends { readonly state: string }>(
  what: string,
  states: readonly string[],
  look: () => Promise<Thing | undefined>,
  failed: readonly string[],
  { clock, progress, signal }: Omit<ApplyPorts, 'store'>,
): Promise<Thing> {
  // Counted by its own pauses: the service's clock may run faster, as in the local cloud.
  let waited = 0;
  for (let round = 0; ; round += 1) {
    const pause = LOOKS_MS[round] ?? LOOK_MS;
    if (pause > 0) await clock.sleep(pause);
    waited += pause;
    signal.throwIfAborted();
    const thing = await look();
    if (thing !== undefined && states.includes(thing.state)) return thing;
    const now = thing?.state ?? 'not to be seen yet';
    if (failed.includes(now))
      throw new AppError(
        'UNKNOWN',
        `${what} is ${now} instead of ${states[0]}: see why in the EC2 console, then run it again`,
      );
    if (waited > WAIT_MAX_MS || (thing === undefined && waited > UNSEEN_MAX_MS))
      throw new AppError('TRANSIENT', `${what} is still ${now}; run it again to go on from here`);
    progress.waits(`${what} is ${now}`);
  }
}
