import type { LogFields } from '@smart-vault/core';
import type { Invocation } from '../environment.ts';
import { HOUR_MS } from '../packs.ts';
import type { ServiceCall } from '../vault-world.ts';
import { type CopyOutcome, headOf, wrongMail } from './mails.ts';
import { hasGood, noExcuse, type ScheduledRun, wrongNumbers } from './numbers.ts';
import type { Oracle } from './oracle.ts';
import { selectedVolumes } from './truth.ts';

/** Outcomes that only a reason explains; "missing" explains itself: nothing was made. */
const NEEDS_REASON: ReadonlySet<string> = new Set(['failed', 'gone', 'excluded']);
/** A run is a success for the alarm when it made a snapshot. */
const SUCCESS_METRIC = 'SnapshotsCreated';
/** More than the alarm's `rpoHours` (26) and what it may take to see them. */
const SILENCE_MS = 29 * HOUR_MS;
/** So long at least a success keeps it quiet. */
const FRESH_MS = 20 * HOUR_MS;

/** Holds what is told to people against the truth. */
export class ReportJudge {
  readonly #oracle: Oracle;
  readonly runs: ScheduledRun[] = [];
  /** Slots whose run the scheduler finished, ms. */
  readonly scheduledSlots = new Set<number>();
  /** Digests by slot, ms. */
  readonly digests = new Map<number, number>();
  lastSuccessAt: number | undefined;
  /** A reporter looked while snapshots or copies were under way. */
  sawMidChange = false;
  /** Virtual time at which the world began. */
  startedAt = 0;
  /** What SNS has taken for people: the status that the mail's head tells, by the invocation that sent it. */
  readonly #published = new Map<string, string | undefined>();
  /** When a run that had made good snapshots was last reported with all faults over. */
  #provenAt: number | undefined;
  /** From then on nothing excuses a report that is too dark. */
  faultsAreOver = false;
  /** Outcomes by the invocation that told them: two reporters may be at work at once. */
  readonly #outcomes = new Map<string, LogFields[]>();

  constructor(oracle: Oracle) {
    this.#oracle = oracle;
  }

  runScheduled(slotMs: number): void {
    if (this.runs.some((run) => run.slotMs === slotMs)) return;
    this.runs.push({ slotMs, volumes: selectedVolumes(this.#oracle.world) });
  }

  logged(functionName: string, _level: string, event: string, fields: LogFields): void {
    if (functionName === 'scheduler' && event === 'run.scheduled')
      this.scheduledSlots.add(Date.parse(String(fields['slot'])));
    if (functionName !== 'reporter') return;
    if (event === 'volume.outcome') this.#volumeReported(fields);
    if (event === 'run.reported') this.#runReported(fields);
    if (event === 'run.in-progress') this.sawMidChange = true;
  }

  /** A metric that reached CloudWatch. */
  measured(name: string, value: number): void {
    if (name === SUCCESS_METRIC && value > 0) this.lastSuccessAt = this.#oracle.world.kernel.now();
  }

  /** SNS has taken a message. H1: it says of every volume what the reporter has found out. */
  published({ environment, input }: ServiceCall): void {
    const { Subject = '', Message = '' } = input as { readonly Subject?: string; readonly Message?: string };
    const label = environment.invocation?.label ?? '';
    if (this.#published.has(label)) this.#toldTwice(Subject);
    this.#published.set(label, headOf(Message)?.status);
    // What was sent before Lambda ended the reporter comes after its outcomes are forgotten.
    if (environment.functionName !== 'reporter' || environment.sentBeforeDeath !== undefined) return;
    for (const text of wrongMail(Subject, Message, this.#outcomes.get(label) ?? []))
      this.#oracle.broken('H1', `the mail "${Subject}": ${text}`, [], Message);
  }

  ended({ label }: Invocation): void {
    this.#outcomes.delete(label);
    this.#published.delete(label);
  }

  /** H2: after a day of silence the alarm rings, whatever the reason. */
  checkSilence(): void {
    const { world } = this.#oracle;
    const since = Math.max(this.lastSuccessAt ?? 0, this.startedAt);
    const silentFor = world.kernel.now() - since;
    const alarm = world.cloudWatch.alarms().find(({ spec }) => spec.name.includes('NoSnapshotsCreated'));
    if (alarm === undefined) this.#oracle.broken('H2', 'there is no alarm NoSnapshotsCreated', []);
    else if (silentFor > SILENCE_MS && alarm.state !== 'ALARM')
      this.#oracle.broken(
        'H2',
        `no snapshot for ${Math.round(silentFor / HOUR_MS)} hours, and NoSnapshotsCreated is ${alarm.state}`,
        [],
      );
    else if (alarm.state === 'ALARM' && this.#isProvenLately())
      this.#oracle.broken('H2', 'NoSnapshotsCreated rings, and good snapshots were reported since', []);
  }

  /** A run that made good snapshots was reported without a fault, long enough ago for the alarm to have seen it. */
  #isProvenLately(): boolean {
    const ago = this.#oracle.world.kernel.now() - (this.#provenAt ?? Number.NEGATIVE_INFINITY);
    return ago > 2 * HOUR_MS && ago < FRESH_MS;
  }

  /** H1: what the reporter tells CloudWatch of a run. Called when it has told the outcomes of the run's volumes. */
  numbersTold({ environment, input }: ServiceCall): void {
    const told = this.#outcomes.get(environment.invocation?.label ?? '');
    const slotMs = Date.parse(String(told?.[0]?.['slot']));
    const run = this.runs.find((one) => one.slotMs === slotMs);
    const { MetricData = [] } = input as {
      MetricData?: readonly { MetricName?: string; Value?: number }[];
    };
    const metricOf = (name: string) => MetricData.find(({ MetricName }) => MetricName === name)?.Value;
    if (
      told === undefined &&
      environment.sentBeforeDeath === undefined &&
      (metricOf('VolumesSelected') ?? 0) > 0
    )
      this.#oracle.broken(
        'H1',
        'the reporter tells numbers of volumes before it says what became of them',
        [],
      );
    if (run === undefined) return;
    for (const text of wrongNumbers(this.#oracle, run, metricOf, this.faultsAreOver))
      this.#oracle.broken('H1', `the run of ${new Date(slotMs).toISOString()}: ${text}`, []);
  }

  /** H1: "protected" means that it is there, and copied wherever it is owed. */
  #volumeReported(fields: LogFields): void {
    const requestId = String(fields['requestId']);
    this.#outcomes.set(requestId, [...(this.#outcomes.get(requestId) ?? []), fields]);
    const { world } = this.#oracle;
    const volumeId = String(fields['volumeId']);
    const since = world.kernel.now() - 15 * 60_000;
    if (fields['snapshot'] === 'good')
      this.#mustBeGood(world.facts.source, volumeId, String(fields['slot']), since);
    for (const { region, state, problem } of (fields['copies'] ?? []) as readonly CopyOutcome[]) {
      if (state === 'good') this.#mustBeGood(region, volumeId, String(fields['slot']), since);
      this.#hasReason(`the copy of ${volumeId} in ${region}`, state, problem);
    }
    this.#hasReason(volumeId, String(fields['snapshot']), fields['problem']);
  }

  #hasReason(what: string, state: string, problem: unknown): void {
    if (NEEDS_REASON.has(state) && !problem)
      this.#oracle.broken('H3', `the report says ${state} of ${what} and no reason`, []);
  }

  #mustBeGood(region: string, volumeId: string, slot: string, since: number): void {
    const { world } = this.#oracle;
    const isThere = [...world.ec2.region(region).snapshots.values()].some(
      ({ state, tags, volumeId: own }) =>
        state === 'completed' &&
        tags.get('smart-vault:slot') === slot &&
        (tags.get('smart-vault:volume') ?? own) === volumeId &&
        tags.get('smart-vault:vault') === world.facts.vault,
    );
    if (isThere || this.#oracle.isDisturbed(region, volumeId, since) || this.#deletedLately(region, volumeId))
      return;
    this.#oracle.broken(
      'H1',
      `the report calls ${volumeId} good for ${slot} in ${region}, and there is no completed snapshot`,
      [volumeId],
    );
  }

  /** The pruner may delete between the reporter's look and its report. */
  #deletedLately(region: string, volumeId: string): boolean {
    return (
      this.#oracle.deletedAt.get(`${region} ${volumeId}`) !== undefined &&
      this.#oracle.world.kernel.now() - (this.#oracle.deletedAt.get(`${region} ${volumeId}`) ?? 0) <
        15 * 60_000
    );
  }

  /** H4: where nothing goes wrong, a run is one mail. */
  #toldTwice(what: string): void {
    const { chances, planned, pack } = this.#oracle.circumstances.knobs;
    const isHealthy = pack === 'calm' && planned.length === 0 && Object.keys(chances).length === 0;
    if (isHealthy) this.#oracle.broken('H4', `people were told twice of ${what}`, []);
  }

  /** H1: mail and log tell the same status. */
  #mailed(slotMs: number, { requestId, slot, status }: LogFields): void {
    const count = (this.digests.get(slotMs) ?? 0) + 1;
    this.digests.set(slotMs, count);
    if (count > 1) this.#toldTwice(String(slot));
    const said = this.#published.get(String(requestId));
    if (said !== status)
      this.#oracle.broken(
        'H1',
        `the run of ${String(slot)} is ${String(status)}, and its mail says ${said}`,
        [],
      );
  }

  #runReported(fields: LogFields): void {
    const slotMs = Date.parse(String(fields['slot']));
    if (this.#published.has(String(fields['requestId']))) this.#mailed(slotMs, fields);
    const told = this.#outcomes.get(String(fields['requestId'])) ?? [];
    const covered = new Map(told.map((outcome) => [String(outcome['volumeId']), outcome]));
    const run = this.runs.find((one) => one.slotMs === slotMs);
    if (this.faultsAreOver && run !== undefined && hasGood(this.#oracle, run))
      this.#provenAt = this.#oracle.world.kernel.now();
    if (fields['status'] !== 'OK') {
      const excuse = this.faultsAreOver && run !== undefined ? noExcuse(this.#oracle, run) : undefined;
      if (excuse !== undefined)
        this.#oracle.broken(
          'H1',
          `the run of ${String(fields['slot'])} is called ${String(fields['status'])}, and ${excuse}`,
          [],
        );
      return;
    }
    const now = selectedVolumes(this.#oracle.world);
    for (const volumeId of run?.volumes.keys() ?? []) {
      const outcome = covered.get(volumeId);
      const isFine =
        (outcome?.['snapshot'] === 'good' &&
          ((outcome['copies'] ?? []) as readonly CopyOutcome[]).every(({ state }) => state === 'good')) ||
        outcome?.['snapshot'] === 'gone' ||
        outcome?.['snapshot'] === 'excluded' ||
        !now.has(volumeId);
      if (!isFine && !this.#oracle.isDisturbed(this.#oracle.world.facts.source, volumeId, slotMs))
        this.#oracle.broken(
          'H1',
          `the run of ${String(fields['slot'])} is called OK, and ${volumeId} is ${String(outcome?.['snapshot'] ?? 'not mentioned')}`,
          [volumeId],
        );
    }
  }
}
