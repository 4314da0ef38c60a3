import { describe, expect, it } from 'vitest';
import { matchesPattern } from '../../src/index.ts';
import { anEvent } from './builders.ts';

const detail = (pattern: unknown, value: unknown): boolean =>
  matchesPattern({ detail: { x: pattern } }, { detail: { x: value } });

describe('a pattern', () => {
  it('matches the vault’s own rule only for the events it names', () => {
    const pattern = {
      source: ['aws.ec2'],
      'detail-type': ['EBS Snapshot Notification', 'EBS Multi-Volume Snapshots Completion Status'],
      detail: { event: ['createSnapshot', 'createSnapshots'] },
    };

    expect(matchesPattern(pattern, anEvent())).toBe(true);
    expect(matchesPattern(pattern, anEvent({ detail: { event: 'copySnapshot' } }))).toBe(false);
    expect(matchesPattern(pattern, anEvent({ detail: {} }))).toBe(false);
    expect(matchesPattern(pattern, anEvent({ source: 'aws.ebs' }))).toBe(false);
  });

  it.each([
    ['text', ['a'], 'a', true],
    ['other text', ['a'], 'A', false],
    ['one of several', ['a', 'b'], 'b', true],
    ['a number is no text', ['300'], 300, false],
    ['number', [300], 300, true],
    ['boolean', [true], true, true],
    ['null', [null], null, true],
    ['null is not missing', [null], undefined, false],
    ['empty text', [''], '', true],
    ['an array in the event matches by any element', ['b'], ['a', 'b'], true],
    ['an array without it', ['c'], ['a', 'b'], false],
    ['prefix', [{ prefix: 'snap-' }], 'snap-1', true],
    ['prefix elsewhere', [{ prefix: 'snap-' }], 'a-snap-1', false],
    ['prefix of a number', [{ prefix: '3' }], 300, false],
    ['prefix, any case', [{ prefix: { 'equals-ignore-case': 'SNAP' } }], 'snap-1', true],
    ['suffix', [{ suffix: '.png' }], 'a.png', true],
    ['suffix, any case', [{ suffix: { 'equals-ignore-case': '.PNG' } }], 'a.png', true],
    ['suffix elsewhere', [{ suffix: '.png' }], 'a.png.txt', false],
    ['any case', [{ 'equals-ignore-case': 'Failed' }], 'FAILED', true],
    ['anything but', [{ 'anything-but': 'a' }], 'b', true],
    ['anything but that', [{ 'anything-but': 'a' }], 'a', false],
    ['anything but, missing', [{ 'anything-but': 'a' }], undefined, false],
    ['anything but a list', [{ 'anything-but': ['a', 'b'] }], 'b', false],
    ['anything but numbers', [{ 'anything-but': [1, 2] }], 3, true],
    ['anything but a prefix', [{ 'anything-but': { prefix: 'us-' } }], 'us-east-1', false],
    ['anything but prefixes', [{ 'anything-but': { prefix: ['us-', 'eu-'] } }], 'ap-south-1', true],
    ['anything but a wildcard', [{ 'anything-but': { wildcard: '*/lib/*' } }], 'a/lib/b', false],
    ['numeric', [{ numeric: ['>', 0, '<=', 5] }], 5, true],
    ['numeric out of range', [{ numeric: ['>', 0, '<=', 5] }], 0, false],
    ['numeric of a text', [{ numeric: ['=', 5] }], '5', false],
    ['exists', [{ exists: true }], 0, true],
    ['exists, missing', [{ exists: true }], undefined, false],
    ['exists is for leaves only', [{ exists: true }], { y: 1 }, false],
    ['does not exist', [{ exists: false }], undefined, true],
    ['does not exist, but does', [{ exists: false }], null, false],
    ['wildcard', [{ wildcard: 'dir/*.png' }], 'dir/a/b.png', true],
    ['wildcard takes a dot as it is', [{ wildcard: 'a.c*' }], 'abc', false],
    ['wildcard with an escaped star', [{ wildcard: 'a\\*c' }], 'a*c', true],
    ['wildcard with an escaped star only', [{ wildcard: 'a\\*c' }], 'abc', false],
  ])('%s', (_name, pattern, value, matches) => {
    expect(detail(pattern, value)).toBe(matches);
  });

  it('takes a field as missing when its parent is', () => {
    expect(matchesPattern({ detail: { x: [{ exists: false }] } }, {})).toBe(true);
    expect(matchesPattern({ detail: { x: ['a'] } }, {})).toBe(false);
  });

  it('ORs the alternatives of $or and ANDs them with the fields beside it', () => {
    const pattern = {
      source: ['s'],
      $or: [{ detail: { a: [1] } }, { detail: { b: [{ numeric: ['>', 9] }] } }],
    };

    expect(matchesPattern(pattern, { source: 's', detail: { a: 1 } })).toBe(true);
    expect(matchesPattern(pattern, { source: 's', detail: { b: 10 } })).toBe(true);
    expect(matchesPattern(pattern, { source: 's', detail: { b: 9 } })).toBe(false);
    expect(matchesPattern(pattern, { source: 't', detail: { a: 1 } })).toBe(false);
  });

  it('wants one element of a list of objects to match as a whole', () => {
    const pattern = { detail: { snapshots: { status: ['error'], source: [{ prefix: 'vol-1' }] } } };

    expect(matchesPattern(pattern, { detail: { snapshots: [{ status: 'error', source: 'vol-1' }] } })).toBe(
      true,
    );
    const split = [
      { status: 'error', source: 'vol-2' },
      { status: 'completed', source: 'vol-1' },
    ];
    expect(matchesPattern(pattern, { detail: { snapshots: split } })).toBe(false);
  });

  it.each([
    [{ detail: { x: [{ cidr: '10.0.0.0/8' }] } }, /detail\.x uses the unknown operator "cidr"/],
    [{ detail: { x: 'a' } }, /detail\.x is no JSON object/],
    [{ detail: { x: [] } }, /detail\.x is an empty list/],
    [{}, /the event pattern is empty/],
    [{ x: [{ prefix: 'a', suffix: 'b' }] }, /exactly one key/],
    [{ x: [{ numeric: ['~', 3] }] }, /numeric does not understand "~" 3/],
    [{ x: [{ wildcard: 'a**' }] }, /two stars in a row/],
    [{ x: [{ 'anything-but': ['a', 1] }] }, /texts only, or of numbers only/],
    [{ $or: [{ x: [1] }] }, /\$or needs a list of at least two patterns/],
    [{ x: [{ exists: 'yes' }] }, /exists takes true or false/],
  ])('refuses %j', (pattern, message) => {
    expect(() => matchesPattern(pattern, {})).toThrow(message);
  });
});
