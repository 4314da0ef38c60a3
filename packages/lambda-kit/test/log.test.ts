import { AppError } from '@smart-vault/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLog, type LogLevel, withFields } from '../src/index.ts';
import { NOON } from './fakes.ts';

function linesOf(use: (log: ReturnType<typeof createLog>) => void, level?: LogLevel): readonly string[] {
  const lines: string[] = [];
  use(
    createLog('copier', { write: (line) => lines.push(line), now: () => NOON, ...(level ? { level } : {}) }),
  );
  return lines;
}
const parsed = (use: (log: ReturnType<typeof createLog>) => void) =>
  linesOf(use).map((line) => JSON.parse(line));

describe('a line', () => {
  it('is one JSON object: level, time, service, event, then the fields', () => {
    const lines = linesOf((log) => log.info('copy.started', { snapshotId: 'snap-1', permits: 3 }));

    expect(lines).toEqual([
      '{"level":"INFO","time":"2026-11-22T12:00:00.000Z","service":"copier","event":"copy.started","snapshotId":"snap-1","permits":3}',
    ]);
  });

  it('below the wanted level is dropped', () => {
    const use = (log: ReturnType<typeof createLog>) => {
      log.debug('a');
      log.info('b');
      log.warn('c');
      log.error('d');
    };

    expect(linesOf(use).map((line) => JSON.parse(line).event)).toEqual(['b', 'c', 'd']);
    expect(linesOf(use, 'DEBUG')).toHaveLength(4);
    expect(linesOf(use, 'ERROR').map((line) => JSON.parse(line).event)).toEqual(['d']);
  });

  it('has fields that cannot pass for its head', () => {
    const [line] = parsed((log) =>
      log.info('copy.started', { level: 'ERROR', event: 'fake', service: 'x', time: 0 }),
    );

    expect(line).toEqual({
      level: 'INFO',
      time: '2026-11-22T12:00:00.000Z',
      service: 'copier',
      event: 'copy.started',
    });
  });

  it('tells an expected failure by its code and a surprise by its stack', () => {
    const cause = new TypeError('no tags');
    const error = new AppError('DENIED', 'CreateSnapshot: no', {
      details: { awsCode: 'UnauthorizedOperation' },
      cause,
    });

    const [line] = parsed((log) => log.error('message.failed', { error }));

    expect(line.error).toEqual({
      name: 'AppError',
      message: 'CreateSnapshot: no',
      code: 'DENIED',
      details: { awsCode: 'UnauthorizedOperation' },
      cause: { name: 'TypeError', message: 'no tags', stack: cause.stack },
    });
  });

  it('is written even when its fields cannot be', () => {
    const cycle: Record<string, unknown> = {};
    cycle['self'] = cycle;

    const [line, long] = parsed((log) => {
      log.warn('odd', { cycle });
      log.warn('long', { many: Array.from({ length: 5_000 }, () => '0123456789') });
    });

    expect(line).toMatchObject({ level: 'WARN', event: 'odd', omitted: 'fields cannot be written as JSON' });
    expect(long).toMatchObject({ event: 'long', omitted: 'fields of 65093 characters' });
  });

  it('knows sets, maps and big integers, and cuts long texts', () => {
    const [line] = parsed((log) =>
      log.info('x', { set: new Set(['a']), map: new Map([['k', 1]]), big: 7n, long: 'y'.repeat(3_000) }),
    );

    expect(line).toMatchObject({ set: ['a'], map: { k: 1 }, big: '7' });
    expect(line.long).toHaveLength(2_000 + '… (3000 characters)'.length);
  });
});

it('whatever text comes from outside, a line stays one line, hides nothing and parses back', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc.constantFrom('\u2028{"level":"ERROR"}', '\r\n', '\u202egnp.exe', '\u200b', '\u001b[31m', '\u0085'),
  );
  fc.assert(
    fc.property(text, text, (key, value) => {
      const [line = '', ...others] = linesOf((log) => log.info('tag.seen', { [`k${key}`]: value }));

      expect(others).toEqual([]);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: exactly these must not be there
      expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/);
      expect(JSON.parse(line)[`k${key}`]).toBe(value);
    }),
  );
});

it('fields of the invocation are on every line, and a line may say it better', () => {
  const lines = parsed((log) => {
    const inner = withFields(log, { requestId: 'r-1', region: 'us-east-1' });
    inner.info('a', { region: 'eu-west-1' });
    inner.error('b');
  });

  expect(lines).toMatchObject([
    { event: 'a', requestId: 'r-1', region: 'eu-west-1' },
    { event: 'b', requestId: 'r-1', region: 'us-east-1' },
  ]);
});
