import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  encodeMessage,
  isAppError,
  parseCopyWork,
  parseRun,
  parseScheduledJob,
  parseScheduledRun,
  parseSnapshotUnit,
  parseWakeUp,
  type Region,
  type RunMessage,
  type SnapshotUnitMessage,
  slotAt,
  unitKey,
  type WakeUpMessage,
} from '../src/index.ts';
import { AWAY, FAR, HOME, instanceId, snapshotId, volumeId } from './builders.ts';

const name = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,39}$/);
const slot = fc.integer({ min: 0, max: 4_102_444_800 }).map((seconds) => slotAt(seconds * 1_000));
const ms = fc.integer({ min: 0, max: 253_402_300_799_999 });
const number = fc.nat(1_000_000);
const volumes = fc.uniqueArray(number.map(volumeId), { minLength: 1, maxLength: 128 });
const unit: fc.Arbitrary<SnapshotUnitMessage> = fc.record({
  v: fc.constant(1 as const),
  kind: fc.constant('snapshot-unit' as const),
  vault: name,
  policy: name,
  slot,
  unit: fc.oneof(number.map(instanceId), number.map(volumeId)),
  instanceId: number.map(instanceId),
  volumeIds: volumes,
  firstSeenAt: ms,
});
const wakeUp: fc.Arbitrary<WakeUpMessage> = fc.record({
  v: fc.constant(1 as const),
  kind: fc.constant('wake-up' as const),
  region: fc.constantFrom<Region>(HOME, AWAY, FAR),
  cause: fc.constantFrom('event', 'tick', 'self', 'work', 'redrive'),
  id: fc.string({ minLength: 1, maxLength: 256 }),
});
const run: fc.Arbitrary<RunMessage> = fc.record(
  {
    v: fc.constant(1 as const),
    kind: fc.constant('run' as const),
    vault: name,
    policy: name,
    slot,
    startedAt: ms,
    instances: number,
    units: number,
    volumes: number,
    check: number,
    scheduled: fc
      .array(fc.tuple(number.map(instanceId), volumes), { maxLength: 5 })
      .map((entries) => Object.fromEntries(entries) as NonNullable<RunMessage['scheduled']>),
  },
  {
    requiredKeys: [
      'v',
      'kind',
      'vault',
      'policy',
      'slot',
      'startedAt',
      'instances',
      'units',
      'volumes',
      'check',
    ],
  },
);

describe('messages', () => {
  it('come back as they were sent', () => {
    fc.assert(
      fc.property(unit, (message) => void expect(parseSnapshotUnit(encodeMessage(message))).toEqual(message)),
    );
    fc.assert(
      fc.property(wakeUp, (message) => void expect(parseWakeUp(encodeMessage(message))).toEqual(message)),
    );
    fc.assert(fc.property(run, (message) => void expect(parseRun(encodeMessage(message))).toEqual(message)));
    fc.assert(
      fc.property(name, number, ms, number, (vault, id, firstSeenAt, attemptsForgiven) => {
        const message = {
          v: 1,
          kind: 'copy',
          vault,
          snapshotId: snapshotId(id),
          firstSeenAt,
          attemptsForgiven,
        } as const;
        expect(parseCopyWork(encodeMessage(message))).toEqual({ kind: 'copy', message });
      }),
    );
  });

  it('have keys that fit a deduplication id and differ whenever the work differs', () => {
    const allowed = /^[A-Za-z0-9!"#$%&'()*+,./:;<=>?@[\\\]^_`{|}~-]{1,128}$/;
    fc.assert(
      fc.property(unit, unit, (a, b) => {
        expect(unitKey(a)).toMatch(allowed);
        const isSame = a.vault === b.vault && a.policy === b.policy && a.unit === b.unit && a.slot === b.slot;
        expect(unitKey(a) === unitKey(b)).toBe(isSame);
      }),
    );
  });

  const parsers = [
    parseSnapshotUnit,
    parseWakeUp,
    parseRun,
    parseCopyWork,
    parseScheduledRun,
    parseScheduledJob,
  ];
  const onlyContract = (parse: (body: never) => unknown, value: unknown): void => {
    try {
      parse(value as never);
    } catch (error) {
      expect(isAppError(error, 'CONTRACT')).toBe(true);
    }
  };

  it('refuse whatever else arrives with CONTRACT, never with another error', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json(), fc.json({ noUnicodeString: false })), (body) => {
        for (const parse of parsers) onlyContract(parse as never, body);
        for (const parse of [parseScheduledRun, parseScheduledJob])
          onlyContract(parse as never, safeJson(body));
      }),
      { numRuns: 500 },
    );
  });

  it('refuse a message in which one field is something else, or read it as it was meant', () => {
    fc.assert(
      fc.property(
        unit,
        fc.constantFrom(
          ...['v', 'kind', 'vault', 'policy', 'slot', 'unit', 'instanceId', 'volumeIds', 'firstSeenAt'],
        ),
        fc.jsonValue(),
        (message, field, value) => {
          const changed = { ...message, [field]: value };
          try {
            expect(parseSnapshotUnit(JSON.stringify(changed))).toEqual(changed);
          } catch (error) {
            if (!isAppError(error, 'CONTRACT')) throw error;
            expect(error.message).toContain(field);
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});

function safeJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}
