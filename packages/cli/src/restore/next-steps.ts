import type { RestorePlan } from '@smart-vault/core/restore';
import type { StepOutcome } from './apply-restore.ts';

/** What the person has to do, or may want to, when a restore is done. */
export function nextSteps(plan: RestorePlan, outcomes: readonly StepOutcome[]): readonly string[] {
  const { region, mode, steps } = plan;
  const idsOf = (step: string): readonly string[] => outcomes.find((each) => each.step === step)?.ids ?? [];
  if (mode === 'launch') {
    const [instance = ''] = idsOf('instance');
    return [
      `check what runs on it: aws ec2 describe-instances --region ${region} --instance-ids ${instance}`,
      'move addresses, DNS names and load balancers to it',
      'it is backed up where a vault selects its tags: a vault selects instances of its source region only',
    ];
  }
  const replaced = steps.flatMap((step) => (step.kind === 'detach-volume' ? [step.volumeId] : []));
  const attached = steps.flatMap((step) => (step.kind === 'attach-volume' ? [step.instanceId] : []));
  const [target] = attached;
  if (target === undefined)
    return [
      'attach what you need: run it again with --attach or --replace, and it takes the volumes it made',
    ];
  return [
    `mount it, or start the instance: aws ec2 start-instances --region ${region} --instance-ids ${target}`,
    ...(replaced.length === 0
      ? []
      : [
          `when you are sure, delete what was replaced: aws ec2 delete-volume --region ${region} --volume-id ${replaced.join(' / ')}`,
        ]),
  ];
}
