import { errorText, isAppError, isVolumeId } from '@smart-vault/core';
import type { RestoreCall, RestorePlan, RestoreStep, RestoreStore } from '@smart-vault/core/restore';

/** What EC2 says to a dry run of one step. */
export interface Trial {
  readonly step: string;
  readonly text: string;
  readonly answer: 'would be done' | 'refused' | 'not tried' | 'done already';
  /** Why it is refused, or cannot be tried. */
  readonly why?: string;
}

/** Asks EC2 for each step whether it would do it. Nothing is changed. @throws AppError when EC2 does not answer */
export async function trySteps(plan: RestorePlan, store: RestoreStore): Promise<readonly Trial[]> {
  const trials: Trial[] = [];
  for (const step of plan.steps) {
    const { id, text, done } = step;
    if (done !== undefined) {
      trials.push({ step: id, text, answer: 'done already' });
      continue;
    }
    if (step.kind === 'await-volumes') continue;
    const call = callOf(step, plan);
    trials.push({
      step: id,
      text,
      ...(typeof call === 'string' ? notTried(call) : await tryCall(call, store)),
    });
  }
  return trials;
}

const notTried = (why: string) => ({ answer: 'not tried', why }) as const;

async function tryCall(call: RestoreCall, store: RestoreStore): Promise<Pick<Trial, 'answer' | 'why'>> {
  try {
    await store.tryOut(call);
    return { answer: 'would be done' };
  } catch (error) {
    if (!isAppError(error) || error.code === 'TRANSIENT' || error.code === 'THROTTLED') throw error;
    return { answer: 'refused', why: errorText(error) };
  }
}

/** The call of a step, or why there is none yet. */
function callOf(step: RestoreStep, { steps }: RestorePlan): RestoreCall | string {
  const doneBy = (id: string): string | undefined => steps.find((each) => each.id === id)?.done;
  switch (step.kind) {
    case 'register-image':
      return step.call;
    case 'launch-instance': {
      const imageId = doneBy('image');
      return imageId === undefined
        ? 'EC2 tries a launch only of an image that is there'
        : { ...step.call, imageId };
    }
    case 'create-volume':
      return { ...step, kind: 'create-volume' };
    case 'detach-volume':
      return step;
    case 'delete-with-instance':
    case 'attach-volume': {
      const volumeId = doneBy(step.volumeOf);
      const { kind, instanceId, deviceName } = step;
      if (!isVolumeId(volumeId)) return 'the volume is not there yet';
      return { kind, volumeId, instanceId, deviceName };
    }
    case 'tag-volume':
      return 'the volume is not there yet';
    case 'deregister-image':
      return step.imageId === undefined
        ? 'the image is not there yet'
        : { kind: 'deregister-image', imageId: step.imageId };
    case 'await-volumes':
      return 'it only waits';
  }
}
