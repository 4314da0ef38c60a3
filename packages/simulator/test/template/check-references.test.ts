import { describe, expect, it } from 'vitest';
import { type CfnTemplate, checkReferences } from '../../src/index.ts';
import { TEMPLATE } from './fixtures.ts';

const withTopic = (
  Properties: Record<string, unknown>,
  sections: Partial<CfnTemplate> = {},
): CfnTemplate => ({
  ...sections,
  Resources: { T: { Type: 'AWS::SNS::Topic', Properties } },
});

describe('checkReferences', () => {
  it('finds nothing in a template in order', () => {
    expect(checkReferences(TEMPLATE)).toEqual([]);
  });

  it.each([
    [{ a: { Ref: 'Gone' } }, 'Ref', 'Gone'],
    [{ a: [{ b: { 'Fn::GetAtt': ['Gone', 'Arn'] } }] }, 'Fn::GetAtt', 'Gone'],
    [{ a: { 'Fn::GetAtt': 'Gone.Arn' } }, 'Fn::GetAtt', 'Gone'],
    [{ a: { 'Fn::Sub': `x-\${AWS::Region}-\${Gone.Arn}` } }, 'Fn::Sub', 'Gone'],
    [{ a: { 'Fn::Sub': [`\${own}-\${T}-\${!Literal}-\${Gone}`, { own: 1 }] } }, 'Fn::Sub', 'Gone'],
    [{ a: { 'Fn::If': ['Gone', 1, 2] } }, 'Condition', 'Gone'],
    [{ a: { 'Fn::FindInMap': ['Gone', 'a', 'b'] } }, 'Fn::FindInMap', 'Gone'],
    [{ a: { 'Fn::Join': ['', ['x', { Ref: 'Gone' }]] } }, 'Ref', 'Gone'],
  ])('finds the one in %j', (properties, kind, target) => {
    expect(checkReferences(withTopic(properties))).toMatchObject([{ kind, target }]);
  });

  it('says where it stands', () => {
    expect(checkReferences(withTopic({ a: [0, { b: { Ref: 'Gone' } }] }))).toEqual([
      { at: 'Resources.T.Properties.a.1.b', kind: 'Ref', target: 'Gone' },
    ]);
  });

  it('looks at DependsOn, Condition, conditions and outputs', () => {
    const template: CfnTemplate = {
      Resources: {
        T: { Type: 'AWS::SNS::Topic', DependsOn: ['Gone1'], Condition: 'Gone2' },
        U: { Type: 'AWS::SNS::Topic', DependsOn: 'T' },
      },
      Conditions: { C: { 'Fn::Not': [{ Condition: 'Gone3' }] } },
      Outputs: { O: { Value: { Ref: 'Gone4' } } },
    };

    expect(
      checkReferences(template)
        .map(({ target }) => target)
        .sort(),
    ).toEqual(['Gone1', 'Gone2', 'Gone3', 'Gone4']);
  });

  it('takes a parameter and a condition of the template for what they are', () => {
    const sections = { Parameters: { P: { Type: 'String' } }, Conditions: { C: { 'Fn::Equals': [1, 1] } } };

    expect(checkReferences(withTopic({ a: { 'Fn::If': ['C', { Ref: 'P' }, 'x'] } }, sections))).toEqual([]);
  });
});
