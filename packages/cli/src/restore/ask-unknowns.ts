import type { RestoreFacts, RestorePlan, RestoreRequest, Unknown } from '@smart-vault/core/restore';
import { planRestore } from '@smart-vault/core/restore';
import type { CommandContext } from '../command-line/context.ts';

/** Asks the person at the terminal, one thing after the other, for what the plan cannot know. */
export async function askUnknowns(
  facts: RestoreFacts,
  request: RestoreRequest,
  { terminal, clock }: CommandContext,
): Promise<RestorePlan> {
  let known = request;
  let plan = planRestore(facts, known, clock.now());
  const asked = new Set<string>();
  for (;;) {
    const next = plan.unknowns.find(({ field, choices }) => choices.length > 0 && !asked.has(field));
    if (next === undefined || !terminal.canAsk) return plan;
    asked.add(next.field);
    known = answered(known, next, await terminal.choose(`${next.option}: ${next.why}`, next.choices));
    plan = planRestore(facts, known, clock.now());
  }
}

const answered = (request: RestoreRequest, { field }: Unknown, value: string): RestoreRequest => ({
  ...request,
  [field]: field === 'securityGroupIds' ? [value] : value,
});
