import { describe, expect, it } from 'vitest';
import { renderInput, type TargetInput } from '../../src/index.ts';
import { anEvent, START } from './builders.ts';

const CONTEXT = { ruleArn: 'arn:aws:events:us-east-1:000000000000:rule/r', ruleName: 'r', ingestedAt: START };
const render = (target: TargetInput, event = anEvent()) => renderInput(target, event, CONTEXT);
const template = (text: string, paths: Record<string, string> = {}, event = anEvent()) =>
  render({ transformer: { paths, template: text } }, event);

describe('the input of a target', () => {
  it('is the whole event by default', () => {
    expect(render({})).toEqual({ kind: 'text', text: JSON.stringify(anEvent()) });
  });

  it('is the constant text as it stands', () => {
    expect(render({ input: '{"job":"prune"}' })).toEqual({ kind: 'text', text: '{"job":"prune"}' });
  });

  it('is the part at InputPath as JSON', () => {
    expect(render({ inputPath: '$.resources[0]' })).toEqual({
      kind: 'text',
      text: '"arn:aws:ec2::us-east-1:snapshot/snap-0a285e09f710b5417"',
    });
  });

  it('is invalid when there is nothing at InputPath', () => {
    expect(render({ inputPath: '$.detail.nothing' })).toMatchObject({ kind: 'invalid' });
  });
});

describe('an input template', () => {
  it('puts quotes around a text that stands outside of quotes', () => {
    const paths = { id: '$.id' };

    expect(template('{"kind":"wake-up","id":<id>}', paths)).toEqual({
      kind: 'text',
      text: '{"kind":"wake-up","id":"a1b2c3d4-0000-0000-0000-000000000001"}',
    });
  });

  it('puts a text within quotes in as it is', () => {
    const paths = { event: '$.detail.event', result: '$.detail.result' };

    expect(template('{"text":"\\"<event>\\" has <result>"}', paths)).toEqual({
      kind: 'text',
      text: '{"text":"\\"createSnapshot\\" has succeeded"}',
    });
  });

  it('escapes a text with quotes where it stands alone', () => {
    const event = anEvent({ detail: { cause: 'Snapshot "snap-1"\nis in error' } });

    const rendered = template('{"cause":<cause>}', { cause: '$.detail.cause' }, event);

    expect(rendered.kind === 'text' && JSON.parse(rendered.text)).toEqual({
      cause: 'Snapshot "snap-1"\nis in error',
    });
  });

  it('breaks when a text with quotes stands within quotes, as EventBridge does not escape it', () => {
    const event = anEvent({ detail: { cause: 'the "cause"' } });

    expect(template('{"cause":"because <cause>"}', { cause: '$.detail.cause' }, event)).toMatchObject({
      kind: 'invalid',
    });
  });

  it('keeps numbers, lists and objects as JSON, and strips their quotes within quotes', () => {
    const event = anEvent({ detail: { n: 3, list: ['a', 'b'] } });
    const paths = { n: '$.detail.n', list: '$.detail.list' };

    expect(template('{"n":<n>,"list":<list>,"text":"<n> <list>"}', paths, event)).toEqual({
      kind: 'text',
      text: '{"n":3,"list":["a","b"],"text":"3 [a,b]"}',
    });
  });

  it('leaves out a variable whose path finds nothing', () => {
    expect(template('"cause: <cause>."', { cause: '$.detail.nothing' })).toEqual({
      kind: 'text',
      text: '"cause: ."',
    });
    expect(template('{"cause":<cause>}', { cause: '$.detail.nothing' })).toMatchObject({ kind: 'invalid' });
  });

  it('knows the reserved variables', () => {
    const rendered = template(
      '{"rule":<aws.events.rule-name>,"arn":<aws.events.rule-arn>,"at":<aws.events.event.ingestion-time>,"all":<aws.events.event.json>,"envelope":<aws.events.event>}',
    );

    const { detail: _detail, ...envelope } = anEvent();
    expect(rendered.kind === 'text' && JSON.parse(rendered.text)).toEqual({
      rule: 'r',
      arn: CONTEXT.ruleArn,
      at: '2026-11-22T03:00:00.000Z',
      all: anEvent(),
      envelope,
    });
  });

  it('reads wildcards and does not take a < that is no variable for one', () => {
    const event = anEvent({ detail: { snapshots: [{ id: 'a' }, { id: 'b' }] } });

    expect(template('{"ids":<ids>,"less":"1 < 2"}', { ids: '$.detail.snapshots[*].id' }, event)).toEqual({
      kind: 'text',
      text: '{"ids":["a","b"],"less":"1 < 2"}',
    });
  });

  it('may be lines of quoted texts', () => {
    expect(template('"one <id>"\n"two"', { id: '$.region' })).toEqual({
      kind: 'text',
      text: '"one us-east-1"\n"two"',
    });
  });
});
