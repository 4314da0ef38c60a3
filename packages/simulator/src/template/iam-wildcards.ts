/**
 * Whether a text fits a pattern of IAM: `*` stands for any text, `?` for exactly one character. Runs in the product of
 * the lengths at worst, whatever the pattern.
 */
export function matchesWildcard(pattern: string, text: string): boolean {
  let p = 0;
  let t = 0;
  let starAt = -1;
  let resumeAt = 0;
  while (t < text.length) {
    if (p < pattern.length && pattern[p] === '*') {
      starAt = p;
      resumeAt = t;
      p += 1;
    } else if (p < pattern.length && (pattern[p] === '?' || pattern[p] === text[t])) {
      p += 1;
      t += 1;
    } else if (starAt >= 0) {
      p = starAt + 1;
      resumeAt += 1;
      t = resumeAt;
    } else return false;
  }
  while (pattern[p] === '*') p += 1;
  return p === pattern.length;
}

/**
 * Whether an ARN fits a pattern, segment by segment: a wildcard does not reach over a colon, but the last segment is
 * all that is left. `*` alone fits everything, and only `*` fits a call that has no resource (`*`).
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
 */
export function matchesArn(pattern: string, arn: string): boolean {
  if (pattern === '*') return true;
  const [wanted, given] = [segmentsOf(pattern), segmentsOf(arn)];
  while (wanted.length < 6) wanted.push('*');
  return given.length === 6 && wanted.every((segment, at) => matchesWildcard(segment, given[at] as string));
}

/** The six parts of an ARN; the sixth may hold colons. */
function segmentsOf(arn: string): string[] {
  const parts = arn.split(':');
  return parts.length <= 6 ? parts : [...parts.slice(0, 5), parts.slice(5).join(':')];
}
