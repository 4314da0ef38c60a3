/**
 * Reads a value by the subset of JSON path that EventBridge knows: `$`, `$.detail.name`, `$.resources[0]`,
 * `$.items[*].id`. Names may have letters, digits, `-`, `_` and `/`.
 * @returns `undefined` when there is nothing at that path, or the path is none
 */
export function readJsonPath(path: string, value: unknown): unknown {
  if (!path.startsWith('$')) return undefined;
  const steps = path.slice(1).match(/\.[\w/-]+|\[\d+\]|\[\*\]|\.\*/g) ?? [];
  if (steps.join('') !== path.slice(1)) return undefined;
  return walk(steps, value);
}

function walk(steps: readonly string[], value: unknown): unknown {
  const [step, ...rest] = steps;
  if (step === undefined) return value;
  if (step === '[*]' || step === '.*') {
    if (typeof value !== 'object' || value === null) return undefined;
    const found = Object.values(value).map((item) => walk(rest, item));
    return found.filter((item) => item !== undefined);
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const key = step.startsWith('[') ? step.slice(1, -1) : step.slice(1);
  return Object.hasOwn(value, key) ? walk(rest, (value as Record<string, unknown>)[key]) : undefined;
}
